import { factsOf } from '../../session-info.js';
import { recordsOfUser } from '../../session-records.js';
import { type Command, command } from '../command.js';
import { EXIT_CODES, UsageError } from '../exit-code.js';
import { jsonOf, rowsOf } from '../session-rows.js';
import { table } from '../table.js';
import { withStore } from '../with-store.js';

export const list: Command = command({
  name: 'list',
  usages: ['list [url] --user <userId>'],
  summary: 'the sessions of a user',
  details: [
    'The live sessions of a user, newest first. When one expires is exact to a minute: it depends on',
    'touchIntervalSeconds, which only the application knows.',
  ],
  options: { user: { type: 'string', value: 'userId', help: 'whose' } },
  async run({ values: { user }, isJson, terminal, ...call }) {
    if (user === undefined) throw new UsageError('list needs --user <userId>.');
    return withStore(call, async ({ repository, settings }) => {
      const records = await recordsOfUser(repository, user);
      const now = await repository.time();
      const sessions = records.map((record) => factsOf(record, settings, now));
      if (isJson) terminal.printJson(sessions.map(jsonOf), 2);
      if (sessions.length === 0) {
        terminal.say(`The user ${user} has no sessions.`);
        return EXIT_CODES.no;
      }
      if (!isJson)
        for (const row of table(rowsOf(sessions, now), terminal.width)) terminal.print(row);
      return EXIT_CODES.done;
    });
  },
});
