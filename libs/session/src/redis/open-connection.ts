import type { RedisOptions } from 'ioredis';
import type { Durability } from '../core/durability.js';
import type { RedisClient } from '../redis-client.js';
import type { SessionSettings } from '../session.settings.js';
import { createClient, createTwin } from './create-client.js';
import { assertDatabase } from './database.js';
import { DurableClient, type DurableRedisClient } from './durable/durable-client.js';
import type { OwnRedisClient } from './own-redis-client.js';
import { ignoreOutages, logOutages } from './outages.js';
import { RedisConnection } from './redis-connection.js';

/** Opens a connection to what the option `redis` says; only a client made here is ours. */
export async function openConnection(settings: SessionSettings): Promise<RedisConnection> {
  const { redis, redisCredentials, storeTimeoutMs } = settings;
  const given = typeof redis === 'function' ? await redis() : redis;
  const isHandedIn = isClient(given);
  if (!isHandedIn) {
    const once = { retryStrategy: () => null, sentinelRetryStrategy: () => null };
    const probe = createClient(given, once, ignoreOutages, redisCredentials);
    await assertDatabase(probe, Math.max(1000, 2 * storeTimeoutMs));
  }
  const client = isHandedIn ? given : createClient(given, {}, logOutages, redisCredentials);
  const own = isHandedIn ? undefined : (client as DurableRedisClient);
  // It is silent while Redis waits for a replica or for its disk.
  const patient = { socketTimeout: undefined, commandTimeout: undefined };
  const openDurable = (durability: Durability) => {
    const blocking = isHandedIn
      ? createTwin(given, patient)
      : (createClient(
          given,
          patient,
          logOutages,
          redisCredentials,
        ) as unknown as DurableRedisClient);
    return durableConnection(blocking, client, durability, settings);
  };
  const openTwin = (last: object): OwnRedisClient =>
    isHandedIn
      ? createTwin(given, last, ignoreOutages)
      : createClient(given, last, ignoreOutages, redisCredentials);
  return new RedisConnection(client, own, storeTimeoutMs, openDurable, openTwin);
}

function durableConnection(
  blocking: DurableRedisClient,
  reader: RedisClient,
  durability: Durability,
  settings: SessionSettings,
): RedisConnection {
  const limitMs = settings.durableTimeoutMs + settings.storeTimeoutMs;
  const client = new DurableClient(blocking, reader, durability, settings, limitMs);
  const limitedBy = 'durableTimeoutMs and storeTimeoutMs';
  return new RedisConnection(client, blocking, limitMs, undefined, undefined, limitedBy);
}

function isClient(given: string | RedisOptions | RedisClient): given is RedisClient {
  return typeof (given as RedisClient).hgetall === 'function';
}
