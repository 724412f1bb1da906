import { SessionError } from '../session.errors.js';

export const MAX_USER_ID_LENGTH = 512;

/** Whether it can be the id of a user: see {@link assertUserId}. */
export function isUserId(userId: unknown): userId is string {
  return (
    typeof userId === 'string' &&
    userId.length > 0 &&
    userId.length <= MAX_USER_ID_LENGTH &&
    userId.isWellFormed()
  );
}

/**
 * A user id stands in keys of Redis, after the hash tag, so any text will do. Half a surrogate pair would not: it
 * becomes the replacement character in UTF-8, and two users would share their keys.
 *
 * @throws {SessionError} `SESSION_STATE`; the message does not repeat the id, which may be an address.
 */
export function assertUserId(userId: unknown): asserts userId is string {
  if (isUserId(userId)) return;
  throw new SessionError(
    'SESSION_STATE',
    `A user id must be a well-formed text of 1 to ${MAX_USER_ID_LENGTH} characters; this one is ${describe(userId)}. Pass String(user.id).`,
  );
}

function describe(userId: unknown): string {
  if (typeof userId !== 'string') return `of type ${userId === null ? 'null' : typeof userId}`;
  if (userId.length === 0) return 'empty';
  return userId.length > MAX_USER_ID_LENGTH
    ? `${userId.length} characters long`
    : 'not well-formed Unicode';
}
