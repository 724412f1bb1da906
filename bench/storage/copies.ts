import type { Redis } from 'ioredis';
import { inBatches } from './in-batches.js';
import { newId } from './library-store.js';

/** KEYS: a session, its user's Set, the key of each copy; ARGV: the id of each. */
const COPY = `
for i, id in ipairs(ARGV) do
  redis.call('COPY', KEYS[1], KEYS[i + 2])
  redis.call('HSET', KEYS[i + 2], '~id', string.sub(id, 1, 8))
  redis.call('SADD', KEYS[2], id)
end`;
const PER_SCRIPT = 100;

/** More sessions like the only one that a user has: the library would take a minute for a hundred thousand. */
export async function copySession(redis: Redis, userId: string, copies: number): Promise<void> {
  const set = await onlyKey(redis, `session-user:*:${userId}`);
  const [first] = await redis.smembers(set);
  const original = await onlyKey(redis, `session:*:${first}`);
  await inBatches(Math.ceil(copies / PER_SCRIPT), async (batch) => {
    const count = Math.min(PER_SCRIPT, copies - batch * PER_SCRIPT);
    const ids = Array.from({ length: count }, () => newId(userId));
    const keys = [original, set, ...ids.map((id) => original.replace(first!, id))];
    await redis.eval(COPY, keys.length, ...keys, ...ids);
  });
}

async function onlyKey(redis: Redis, pattern: string): Promise<string> {
  for await (const keys of redis.scanStream({ match: pattern, count: 10_000 })) {
    if (keys.length > 0) return keys[0] as string;
  }
  throw new Error(`The library has no key like ${pattern} any more.`);
}
