import { LOCAL_EVENT_TYPES } from '../../events/event-codec.js';
import { EventRelay } from '../../events/event-relay.js';
import type { SessionEventType } from '../../events/session-event.js';
import { SessionEvents } from '../../events/session-events.js';
import { SessionEventsSettings } from '../../events/session-events.settings.js';
import { type Command, command } from '../command.js';
import { eventJson, eventText, gapJson, gapText } from '../event-lines.js';
import { EXIT_CODES, UsageError } from '../exit-code.js';
import { printable } from '../printable.js';
import type { Terminal } from '../terminal.js';
import { withStore } from '../with-store.js';

const TYPES: readonly SessionEventType[] = [...LOCAL_EVENT_TYPES, 'expired'];

export const watch: Command = command({
  name: 'watch',
  usages: ['watch [url] [--type <types>]'],
  summary: 'events of sessions, as they happen',
  details: [
    'A line for each event that the application tells (it needs SessionEventsModule); with --json each line is JSON. Where',
    'something may have been missed, as while Redis was away, a line says so. Ctrl-C ends it. Types:',
    `${TYPES.join(', ')}.`,
    'Default: all but expired, which Redis has to be set for (notify-keyspace-events Ex).',
  ],
  options: {
    type: { type: 'string', value: 'types', help: 'only these, with commas between them' },
  },
  async run({ values: { type }, isJson, terminal, ...call }) {
    const types: readonly SessionEventType[] =
      type === undefined ? LOCAL_EVENT_TYPES : typesIn(type);
    return withStore(call, async ({ repository, connection, settings }) => {
      const events = new SessionEvents();
      const options = new SessionEventsSettings({ expired: types.includes('expired') });
      const relay = new EventRelay(repository, connection, settings, options, events);
      events.of(...types).subscribe((event) => {
        if (isJson) terminal.printJson(eventJson(event));
        else terminal.print(printable(eventText(event)));
      });
      events.gaps$.subscribe((gap) => {
        if (isJson) terminal.printJson(gapJson(gap));
        else terminal.print(gapText(gap));
      });
      const ended = untilEnded(terminal);
      if (await relay.listen()) terminal.say('Listening. Ctrl-C ends it.');
      await ended;
      await relay.close();
      return EXIT_CODES.done;
    });
  },
});

function typesIn(list: string): SessionEventType[] {
  const types = list.split(',').map((type) => type.trim()) as SessionEventType[];
  if (types.every((type) => TYPES.includes(type))) return types;
  throw new UsageError(`There is no such type of event. There are ${TYPES.join(', ')}.`);
}

/** Until somebody ends it, or nobody reads it any more. */
function untilEnded(terminal: Terminal): Promise<void> {
  // What listens may have no connection for a while, and nothing else would keep the program alive.
  const staysAlive = setInterval(() => undefined, 60_000);
  return new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    terminal.onReaderGone(resolve);
  }).finally(() => clearInterval(staysAlive));
}
