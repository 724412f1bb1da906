import type { Redis } from 'ioredis';
import { contentOf } from './content.js';
import { inBatches } from './in-batches.js';
import { create } from './library-store.js';
import { growth, type Stores } from './memory.js';
import { apply } from './settings.js';

/** Bytes of Redis for each session of a user. */
export interface UserMemory {
  readonly perUser: number;
  /** The session with all that belongs to it. */
  readonly inAll: number;
  /** Of that, its part of the user's Set. */
  readonly set: number;
}

const SETS = 'session-user:*';
const CONTENT_BYTES = 300;

/** @param perUser how many sessions each user has. */
export async function measureUserMemory(
  { redis, repository }: Stores,
  perUser: number,
  sessions: number,
): Promise<UserMemory> {
  await apply(redis, 'recommended');
  const content = contentOf(CONTENT_BYTES);
  const userOf = (i: number) => `user-${String(Math.floor(i / perUser)).padStart(6, '0')}`;
  const fill = () => inBatches(sessions, (i) => create(repository, content, userOf(i)));
  const inAll = await growth(redis, fill);
  const sets = await setsIn(redis);
  // Alone: keys that are removed leave their place in the table of all keys behind.
  const set = await growth(redis, () => write(redis, sets));
  return { perUser, inAll: inAll / sessions, set: set / sessions };
}

async function setsIn(redis: Redis): Promise<Map<string, string[]>> {
  const sets = new Map<string, string[]>();
  for await (const keys of redis.scanStream({ match: SETS, count: 1000 })) {
    for (const key of keys as string[]) sets.set(key, await redis.smembers(key));
  }
  return sets;
}

async function write(redis: Redis, sets: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const all = [...sets];
  await inBatches(all.length, async (i) => {
    const [key, ids] = all[i]!;
    await redis.sadd(key, ...ids);
    await redis.expire(key, 43_200);
  });
}
