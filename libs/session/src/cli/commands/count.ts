import { RedisIndexStore } from '../../redis/search/redis-index-store.js';
import { RedisSearchEngine } from '../../redis/search/redis-search-engine.js';
import { totalSkipped, wordsOfSkipped } from '../../core/skipped-sessions.js';
import { LiveIndex } from '../../search/live-index.js';
import { type Command, command } from '../command.js';
import { EXIT_CODES, UsageError } from '../exit-code.js';
import { table } from '../table.js';
import { withStore } from '../with-store.js';

export const count: Command = command({
  name: 'count',
  usages: ['count [url] --by <field>'],
  summary: 'how many sessions there are of each tag of an index field',
  details: [
    'Asks Redis Search, most first, where the application declares an index (the option index of SessionModule). Which fields',
    'that has is asked of Search, too: userId, ip, and what is declared by tag() or tags(). Sessions without a tag count',
    'nowhere, those with several count for each.',
  ],
  options: { by: { type: 'string', value: 'field', help: 'an index field that is made of tags' } },
  async run({ values: { by }, isJson, terminal, ...call }) {
    if (by === undefined) throw new UsageError('count needs --by <field>.');
    return withStore(call, async ({ connection, settings }) => {
      const store = new RedisIndexStore(connection, settings);
      const index = new LiveIndex(store, new RedisSearchEngine(connection, settings));
      const { counts, outdated, skipped } = await index.countBy(by);
      if (outdated > 0) {
        terminal.say(
          `${outdated} of the sessions were written by an application with another index, and may be missing here.`,
        );
      }
      if (totalSkipped(skipped) > 0) terminal.say(`${wordsOfSkipped(skipped)}.`);
      const rows = [...counts].map(([tag, sessions]) => ({ tag, sessions }));
      if (isJson) terminal.printJson({ field: by, counts: rows, outdated, skipped }, 2);
      else if (counts.size > 0) {
        const cells = rows.map(({ tag, sessions }) => [String(sessions), tag]);
        for (const row of table([['SESSIONS', by], ...cells], terminal.width)) terminal.print(row);
      }
      if (counts.size === 0) terminal.say(`No session has anything under "${by}".`);
      return counts.size > 0 ? EXIT_CODES.done : EXIT_CODES.no;
    });
  },
});
