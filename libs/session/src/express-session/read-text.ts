import type { RedisClient } from '../redis-client.js';
import { Script } from '../redis/script.js';
import type { StoredText } from './old-session.js';

const READ =
  new Script(`--[[ read-text: what connect-redis has stored, unless it is too large. A script, so
  that an answer which belongs to somebody else is noticed: the text does not say whose it is.
  KEYS[1]  the old session
  ARGV[1]  how long it may be, bytes
  returns  the text up to that length, its length (0: there is none), time to live in ms (-1: for ever)
  cost     O(length), one slot ]]
local length = redis.call('STRLEN', KEYS[1])
return { redis.call('GETRANGE', KEYS[1], 0, ARGV[1] - 1), length, redis.call('PTTL', KEYS[1]) }
`);

/** One round trip. @returns `undefined` when there is none, `'foreign'` when it is too large to be one. */
export async function readText(
  client: RedisClient,
  key: string,
  maxBytes: number,
): Promise<StoredText | 'foreign' | undefined> {
  const reply = await READ.run(client, [key], [maxBytes]);
  const [text, length, ttl] = reply as [string, number, number];
  if (length === 0) return undefined;
  return length > maxBytes ? 'foreign' : { text, isExpiring: ttl !== -1 };
}
