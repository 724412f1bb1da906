import type { Redis } from 'ioredis';
import type { SessionRepository } from 'nestjs-redis-session/testing';
import { memoryBytes } from '../support/redis-costs.js';
import type { ConnectStore } from './connect-store.js';
import { contentOf } from './content.js';
import { inBatches } from './in-batches.js';
import { create } from './library-store.js';
import { apply, type SettingsName } from './settings.js';

/** Bytes of Redis for each session. */
export interface Memory {
  readonly settings: SettingsName;
  /** Bytes of names and texts in a session. */
  readonly content: number;
  readonly sessions: number;
  readonly library: number;
  readonly connectRedis: number;
}

export interface Stores {
  readonly redis: Redis;
  readonly repository: SessionRepository;
  readonly connectStore: ConnectStore;
}

/** Guests: what a user has besides is counted apart. */
export async function measureMemory(
  { redis, repository, connectStore }: Stores,
  settings: SettingsName,
  size: number,
  sessions: number,
): Promise<Memory> {
  await apply(redis, settings);
  const content = contentOf(size);
  const take = (begin: () => Promise<void>) =>
    growth(redis, () => inBatches(sessions, begin)).then((bytes) => bytes / sessions);
  const library = await take(() => create(repository, content));
  const connectRedis = await take(() => connectStore.create(content));
  return { settings, content: size, sessions, library, connectRedis };
}

/** By how many bytes a Redis grows that was empty before. */
export async function growth(redis: Redis, fill: () => Promise<void>): Promise<number> {
  await redis.flushall('SYNC');
  const empty = await memoryBytes(redis);
  await fill();
  return (await memoryBytes(redis)) - empty;
}
