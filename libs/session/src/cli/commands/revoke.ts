import type { SessionId } from '../../core/token.js';
import { recordsOfUser } from '../../session-records.js';
import { type Call, type Command, command } from '../command.js';
import { confirm } from '../confirm.js';
import { EXIT_CODES, type ExitCode, UsageError } from '../exit-code.js';
import { sessionIds, whereItIs } from '../session-ids.js';
import { tellInstances } from '../tell-instances.js';
import { type Store, withStore } from '../with-store.js';

export const revoke: Command = command({
  name: 'revoke',
  usages: ['revoke [url] <id>...', 'revoke [url] --user <userId> [--yes]'],
  operand: 'id',
  summary: 'ends sessions, or signs a user out everywhere',
  details: [
    "Ends sessions: the next request with one of their tokens is a stranger's. With --user all sessions of the user end, and",
    'sign-ins that are under way are refused. It says how many there are and asks first; a script says --yes.',
    'Instances of the application that listen to events hear of it.',
  ],
  options: {
    user: { type: 'string', value: 'userId', help: 'ends all sessions of this user' },
    yes: { type: 'boolean', help: 'does not ask' },
  },
  async run({ values: { user, yes }, operands, ...call }) {
    const ids = sessionIds(operands);
    if ((user === undefined) === (ids.length === 0)) {
      throw new UsageError('revoke takes ids, or --user <userId>.');
    }
    return withStore(call, (store) => {
      tellInstances(store);
      return user === undefined
        ? revokeIds(store, ids, call)
        : revokeUser(store, user, yes === true, call);
    });
  },
});

type Output = Pick<Call, 'isJson' | 'terminal'>;

async function revokeIds(
  { service, repository }: Store,
  ids: readonly SessionId[],
  { isJson, terminal }: Output,
): Promise<ExitCode> {
  const results: { id: string; isRevoked: boolean }[] = [];
  for (const id of ids) {
    const isRevoked = await service.revoke(id);
    results.push({ id, isRevoked });
    if (!isRevoked) terminal.say(await whereItIs(repository, id));
    else if (!isJson) terminal.print(`Ended ${id}.`);
  }
  if (isJson) terminal.printJson(results, 2);
  return results.every(({ isRevoked }) => isRevoked) ? EXIT_CODES.done : EXIT_CODES.no;
}

async function revokeUser(
  { service, repository }: Store,
  userId: string,
  isSure: boolean,
  { isJson, terminal }: Output,
): Promise<ExitCode> {
  if (!isSure) {
    const { length } = await recordsOfUser(repository, userId);
    const answer = await confirm(terminal, `End ${sessions(length)} of the user ${userId}?`);
    if (!answer) {
      terminal.say(
        answer === undefined
          ? `Nothing was ended: ${sessions(length)} of the user ${userId} would be, and there is no terminal to ask at. Say --yes.`
          : 'Nothing was ended.',
      );
      return EXIT_CODES.no;
    }
  }
  const revoked = await service.revokeAllOfUser(userId);
  if (isJson) terminal.printJson({ userId, revoked }, 2);
  else terminal.print(`Ended ${sessions(revoked)} of the user ${userId}.`);
  return revoked > 0 ? EXIT_CODES.done : EXIT_CODES.no;
}

function sessions(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`;
}
