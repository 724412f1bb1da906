import { Redis } from 'ioredis';
import { launchRedis } from '../../redis-server/launch.js';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { NaiveSessionRepository } from '../support/storm-naive-repository.js';
import type { StormInstance } from '../support/storm-site.js';
import type { FaultyRedis } from './faults.js';
import { CachingSessionRepository } from './caching-session-repository.js';

/** Long enough for a busy machine, short enough that what is held up does not hold up the test. */
const TIMEOUT_MS = 300;
const INSTANCES = 2;

export type Store = 'ours' | 'naive' | 'resending' | 'caching';

/** A Redis that faults may strike, and instances of an application that reach it through proxies. */
export interface HistorySite extends FaultyRedis {
  readonly instances: readonly StormInstance[];
  stop(): Promise<void>;
}

/** @param settings what Redis does with what it was told; by default an answer says that it is on disk. */
export async function startHistorySite(
  store: Store,
  settings: Record<string, string> = { appendonly: 'yes', appendfsync: 'always', save: '' },
): Promise<HistorySite> {
  const server = await launchRedis({ settings });
  const admin = new Redis(server.url, { disconnectTimeout: 50 });
  admin.on('error', () => undefined);
  const opened = await Promise.all(
    Array.from({ length: INSTANCES }, () => open(store, server.url)),
  );
  return {
    server,
    admin,
    timeoutMs: TIMEOUT_MS,
    proxies: opened.map(({ proxy }) => proxy),
    instances: opened.map(({ instance }) => instance),
    stop: async () => {
      for (const { close } of opened) await close();
      admin.disconnect();
      await server.stop();
    },
  };
}

interface Opened {
  readonly proxy: FaultProxy;
  readonly instance: StormInstance;
  close(): Promise<void>;
}

async function open(store: Store, redisUrl: string): Promise<Opened> {
  const proxy = await FaultProxy.to(redisUrl);
  // ioredis as it comes: it sends again what was under way when its connection broke.
  const client = store === 'ours' ? undefined : new Redis(proxy.url, { disconnectTimeout: 50 });
  client?.on('error', () => undefined);
  const settings = new SessionSettings({
    redis: client ?? proxy.url,
    storeTimeoutMs: client ? 10 * TIMEOUT_MS : TIMEOUT_MS,
  });
  const connection = await openConnection(settings);
  const repositories = {
    ours: () => new RedisSessionRepository(connection, settings),
    resending: () => new RedisSessionRepository(connection, settings),
    caching: () => new CachingSessionRepository(connection, settings),
    naive: () => NaiveSessionRepository.over(client!, settings),
  };
  return {
    proxy,
    instance: { repository: repositories[store](), settings },
    close: async () => {
      await connection.close();
      client?.disconnect();
      proxy.close();
    },
  };
}
