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
  const found = await look(repository, id);
  return found === 'unreadable' ? undefined : found;
}

/**
 * The user's live sessions, newest first. Forgets dead ones; one that cannot be read is neither.
 *
 * @throws {SessionError} `SESSION_STATE` for what cannot be a user id.
 */
export async function recordsOfUser(
  repository: SessionRepository,
  userId: string,
): Promise<SessionRecord[]> {
  assertUserId(userId);
  const ids = await repository.idsOfUser(userId);
  const found: (SessionRecord | 'unreadable' | undefined)[] = [];
  // A user can have a hundred thousand, and others want something, too.
  for (let at = 0; at < ids.length; at += READS_AT_ONCE) {
    const some = ids.slice(at, at + READS_AT_ONCE).map((id) => look(repository, id));
    found.push(...(await Promise.all(some)));
  }
  const dead = ids.filter((_, i) => !found[i]);
  if (dead.length > 0) await repository.revoke(dead, userId, 'revoked');
  return found
    .filter((record) => record !== undefined && record !== 'unreadable')
    .filter((record) => record.userId === userId)
    .toSorted((a, b) => b.createdAt - a.createdAt);
}

async function look(
  repository: SessionRepository,
  id: SessionId,
): Promise<SessionRecord | 'unreadable' | undefined> {
  const record = await repository.read(id);
  if (record) return record;
  const gone = await repository.whyGone(id);
  return gone?.reason === 'unreadable' ? gone.reason : undefined;
}
