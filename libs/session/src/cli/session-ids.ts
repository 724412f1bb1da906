import type { SessionRepository } from '../core/session-repository.js';
import { isSessionId, type SessionId } from '../core/token.js';
import { UsageError } from './exit-code.js';

/** @throws {UsageError} without repeating what was given: it may be a token, which opens a session. */
export function sessionIds(operands: readonly string[]): SessionId[] {
  return operands.map((operand, i) => {
    if (isSessionId(operand)) return operand;
    throw new UsageError(
      `Argument ${i + 1} is not the id of a session. One has 32 letters, digits, - and _, as list shows it; a token is none.`,
    );
  });
}

/** What to tell of a session that is not there: it may live on under another id. */
export async function whereItIs(repository: SessionRepository, id: SessionId): Promise<string> {
  const gone = await repository.whyGone(id);
  const successor = gone?.successor ?? gone?.signedInAs;
  if (successor) return `There is no session ${id} any more. It goes on as ${successor}.`;
  if (gone?.reason === 'unreadable') {
    return `Session ${id} cannot be read: another version of nestjs-redis-session wrote it. It can be ended with revoke.`;
  }
  return gone
    ? `There is no session ${id} any more: ${gone.reason}.`
    : `There is no session ${id}. It has expired, ended some time ago, or never was.`;
}
