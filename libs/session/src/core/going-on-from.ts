import type { GoneSession, SessionName, SessionRecord, UnreadableSession } from './record.js';
import type { SessionRepository } from './session-repository.js';
import { isWithUser, type SessionId } from './token.js';

/** Whether a session in which another one went on is still that visitor's, and not one that a guest has signed in to. */
export type IsSame = (record: SessionRecord) => boolean;

/** @param userId `undefined` for a guest. */
export function isOf(userId: string | undefined): IsSame {
  return (record) => record.userId === userId;
}

/** By the id alone, where the user is not known any more: a user's sessions have ids that begin alike. */
export function isOfUserOf(id: SessionId): IsSame {
  return ({ userId }) => userId === undefined || isWithUser(id, userId);
}

/**
 * The session in which another one goes on: under another id, but of the same user. What was given a new token, or
 * has confirmed its user, is still the same session to everybody but those who hold the old token.
 *
 * @returns `undefined` when it has ended, or is that of another user now.
 */
export async function goingOnFrom(
  { successor, signedInAs }: GoneSession | UnreadableSession,
  isSame: IsSame,
  repository: SessionRepository,
): Promise<SessionRecord | undefined> {
  const id = successor ?? signedInAs;
  if (id === undefined) return undefined;
  const record = await repository.read(id);
  if (record) return isSame(record) ? record : undefined;
  // Renewed more than once.
  const gone = await repository.whyGone(id);
  return gone && goingOnFrom(gone, isSame, repository);
}

/**
 * The session of this id, or the one in which it goes on for the same user: whoever has seen its id may have seen it a
 * moment before it was given a new token.
 */
export async function readOnward(
  repository: SessionRepository,
  id: SessionId,
): Promise<SessionRecord | 'unreadable' | undefined> {
  const record = await repository.read(id);
  if (record) return record;
  const gone = await repository.whyGone(id);
  if (gone?.reason === 'unreadable') return gone.reason;
  return gone && goingOnFrom(gone, isOfUserOf(id), repository);
}

/** The same without fields, for who wants to end it: one that cannot be read can still be ended. */
export async function nameOnward(
  repository: SessionRepository,
  id: SessionId,
  isSame: IsSame,
): Promise<SessionName | undefined> {
  const record = await repository.read(id, []);
  if (record) return record;
  const gone = await repository.whyGone(id);
  if (gone?.reason === 'unreadable') return { id, userId: gone.userId };
  return gone && goingOnFrom(gone, isSame, repository);
}
