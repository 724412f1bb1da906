import type { StorableData } from '../../session-data.js';
import type { RevokeAllOptions } from '../../session.service.js';
import { type Command, command } from '../command.js';
import { confirm } from '../confirm.js';
import { EXIT_CODES, UsageError } from '../exit-code.js';
import { localTime } from '../moments.js';
import { tellInstances } from '../tell-instances.js';
import { withStore } from '../with-store.js';

export const revokeAll: Command = command({
  name: 'revoke-all',
  usages: ['revoke-all [url] --before <moment> [--where <field=value>] [--guests] [--yes]'],
  summary: 'ends all sessions from before a moment, of all users or of one tenant',
  details: [
    'After a leak, or where a backup was restored. A session ends if its user authenticated before the moment; with --guests also',
    'those of guests that began before it. It asks first; a script says --yes. After about two seconds no instance of the application',
    'accepts such a session, whether it listens to events or not. Where a session holds a number or a boolean, write',
    '--where tenantId=42 or --where beta=true; a string of these characters is written --where \'tenantId="42"\'.',
  ],
  options: {
    before: {
      type: 'string',
      value: 'moment',
      help: 'now, or an ISO date with its time and time zone: 2026-11-22T01:30:00Z',
    },
    where: {
      type: 'string',
      value: 'field=value',
      help: 'only sessions in which this field holds this value. Default: all',
    },
    guests: { type: 'boolean', help: 'also sessions of guests' },
    yes: { type: 'boolean', help: 'does not ask' },
  },
  async run({ values, operands, isJson, terminal, ...call }) {
    if (values.before === undefined || operands.length > 0) {
      throw new UsageError('revoke-all needs --before <moment>, and takes no ids.');
    }
    const isNow = values.before === 'now';
    const given = isNow ? undefined : momentOf(values.before);
    const where = values.where === undefined ? undefined : whereOf(values.where);
    const guests = values.guests === true;
    return withStore(call, async (store) => {
      // The clock of this machine may be wrong.
      const moment = given ?? Math.ceil(await store.repository.time());
      const which = `all sessions${values.where === undefined ? '' : ` with ${values.where}`} of users who authenticated before ${localTime(moment)}`;
      const what = guests ? `${which}, and those of guests that began before it` : which;
      if (values.yes !== true) {
        const answer = await confirm(terminal, `End ${what}?`);
        if (!answer) {
          terminal.say(
            answer === undefined
              ? `Nothing was ended: ${what} would be, and there is no terminal to ask at. Say --yes.`
              : 'Nothing was ended.',
          );
          return EXIT_CODES.no;
        }
      }
      tellInstances(store);
      // "now" includes users who signed in while it was asked.
      const before = isNow ? Math.ceil(await store.repository.time()) : moment;
      await store.service.revokeAll({ before, guests, ...(where && { where }) });
      if (isJson) {
        const moments = { before: new Date(before).toISOString() };
        terminal.printJson({ ...moments, where: where ?? null, guests }, 2);
      } else terminal.print(`Ended ${what}.`);
      return EXIT_CODES.done;
    });
  },
});

/** Not every text that `Date` takes: without a time zone it means another moment on each machine. */
function momentOf(text: string): number {
  const isExact = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const moment = isExact ? Date.parse(text) : NaN;
  if (moment >= 0) return moment;
  throw new UsageError(
    '--before takes now, or an ISO date with its time and time zone, such as 2026-11-22T01:30:00Z.',
  );
}

/** JSON of a string, a number or a boolean is read as such; any other text is a string. */
function whereOf(text: string): NonNullable<RevokeAllOptions['where']> {
  const [, field, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (field === undefined)
    throw new UsageError('--where takes a field and its value: tenant=acme.');
  return { [field]: scalarOf(value) } as Partial<StorableData>;
}

function scalarOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? text : value;
  } catch {
    return text;
  }
}
