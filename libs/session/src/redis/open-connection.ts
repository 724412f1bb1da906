import type { RedisOptions } from 'ioredis';
import type { Durability } from '../core/durability.js';
import type { RedisClient } from '../redis-client.js';
import type { SessionSettings } from '../session.settings.js';
import { createClient, createTwin } from './create-client.js';
import { assertDatabase } from './database.js';
import { DurableClient, type DurableRedisClient } from './durable/durable-client.js';
import type { OwnRedisClient } from './own-redis-client.js';
import { ignoreOutages, logOutages } from './outages.js';
import { type Purpose, RedisConnection } from './redis-connection.js';

/** For connections with a time limit of their own: what was configured for requests would end their commands earlier. */
const PATIENT = { socketTimeout: undefined, commandTimeout: undefined };

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
  const openOther = (purpose: Purpose) => {
    const isSearch = purpose === 'search';
    // That Redis is away is logged for the connection of requests.
    const watch = isSearch ? ignoreOutages : logOutages;
    const other = (
      isHandedIn
        ? createTwin(given, PATIENT, watch)
        : createClient(given, PATIENT, watch, redisCredentials)
    ) as DurableRedisClient;
    return isSearch
      ? searchConnection(other, settings)
      : durableConnection(other, client, purpose, settings);
  };
  const openTwin = (last: object): OwnRedisClient =>
    isHandedIn
      ? createTwin(given, last, ignoreOutages)
      : createClient(given, last, ignoreOutages, redisCredentials);
  return new RedisConnection(client, own, storeTimeoutMs, openOther, openTwin);
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

function searchConnection(
  client: OwnRedisClient,
  { searchTimeoutMs }: SessionSettings,
): RedisConnection {
  const limitedBy = 'searchTimeoutMs';
  return new RedisConnection(client, client, searchTimeoutMs, undefined, undefined, limitedBy);
}

function isClient(given: string | RedisOptions | RedisClient): given is RedisClient {
  return typeof (given as RedisClient).hgetall === 'function';
}
