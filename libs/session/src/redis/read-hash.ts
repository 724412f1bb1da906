import type { RedisClient } from '../redis-client.js';

/** What a hash holds: fields and texts, in turn. */
export type HashTexts = readonly string[];

/**
 * One round trip. Not by `hgetall` of the client, which makes an object of the reply first, and in capitals, since by the
 * name in small letters ioredis does that here too: measured, an eighth of what a read costs. A Cluster client with `scaleReads` also
 * knows a read by the name in small letters only, and would ask a replica, which may not know of a sign-out yet.
 *
 * @returns `undefined` when there is nothing.
 */
export async function readHash(client: RedisClient, key: string): Promise<HashTexts | undefined> {
  const reply = await client.call('HGETALL', key);
  // An object where a client that was handed in maps the replies of RESP3.
  const texts = Array.isArray(reply) ? reply : Object.entries(reply as object).flat();
  return texts.length > 0 ? (texts as string[]) : undefined;
}
