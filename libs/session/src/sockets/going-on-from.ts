import type { GoneSession, SessionRecord } from '../core/record.js';
import type { SessionRepository } from '../core/session-repository.js';

/**
 * The session in which that of a socket goes on: under another id, but of the same user. The socket outlives the token that it was
 * opened with, as the session does.
 *
 * @returns `undefined` when it has ended, or is that of another user now.
 */
export async function goingOnFrom(
  { successor, signedInAs }: GoneSession,
  userId: string | undefined,
  repository: SessionRepository,
): Promise<SessionRecord | undefined> {
  const id = successor ?? signedInAs;
  if (id === undefined) return undefined;
  const record = await repository.read(id);
  if (record) return record.userId === userId ? record : undefined;
  // Renewed more than once.
  const gone = await repository.whyGone(id);
  return gone && goingOnFrom(gone, userId, repository);
}
