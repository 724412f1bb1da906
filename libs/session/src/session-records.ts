import type { SessionRecord } from './core/record.js';
import type { SessionRepository } from './core/session-repository.js';
import type { SessionId } from './core/token.js';
import { assertUserId } from './core/user-id.js';

const READS_AT_ONCE = 100;

/** An empty answer names nobody: before somebody acts on it, the store is asked again. */
export async function readSurely(
  repository: SessionRepository,
  id: SessionId,
): Promise<SessionRecord | undefined> {
  const record = await repository.read(id);
  if (!record) await repository.whyGone(id);
  return record;
}

/**
 * The user's live sessions, newest first. Forgets dead ones.
 *
 * @throws {SessionError} `SESSION_STATE` for what cannot be a user id.
 */
export async function recordsOfUser(
  repository: SessionRepository,
  userId: string,
): Promise<SessionRecord[]> {
  assertUserId(userId);
  const ids = await repository.idsOfUser(userId);
  const records: (SessionRecord | undefined)[] = [];
  // A user can have a hundred thousand, and others want something, too.
  for (let at = 0; at < ids.length; at += READS_AT_ONCE) {
    const some = ids.slice(at, at + READS_AT_ONCE).map((id) => readSurely(repository, id));
    records.push(...(await Promise.all(some)));
  }
  const dead = ids.filter((_, i) => !records[i]);
  if (dead.length > 0) await repository.revoke(dead, userId, 'revoked');
  return records
    .filter((record): record is SessionRecord => record?.userId === userId)
    .toSorted((a, b) => b.createdAt - a.createdAt);
}
