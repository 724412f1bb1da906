import type { SessionRecord } from '../core/record.js';

/**
 * Which one of the live sessions that came in cookies of one name is the visitor's: a user's before a guest's, then the one that
 * got its token last.
 *
 * @returns `undefined` where they are of different users: one cookie was planted, and nothing says which.
 */
export function believed<Live extends { readonly record: SessionRecord }>(
  live: readonly Live[],
): Live | undefined {
  const users = new Set(live.flatMap(({ record }) => record.userId ?? []));
  if (users.size > 1) return undefined;
  return live.toSorted((a, b) => rankOf(b.record) - rankOf(a.record))[0];
}

function rankOf({ userId, tokenAt }: SessionRecord): number {
  return userId === undefined ? tokenAt : tokenAt + Number.MAX_SAFE_INTEGER;
}
