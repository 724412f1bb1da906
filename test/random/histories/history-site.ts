import { Redis } from 'ioredis';
import { launchRedis } from '../../../redis-server/launch.js';
import type { SessionRecord } from '../../../libs/session/src/core/record.js';
import type { SessionId } from '../../../libs/session/src/core/token.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { Instance } from '../../support/instance.js';
import { type BrokenGuard, breakGuard } from '../broken-guards.js';
import type { FaultyRedis } from './faults.js';

/** Long enough for a busy machine, short enough that a command that is held up does not hold up the test. */
const TIMEOUT_MS = 300;
const INSTANCES = 2;
/** A server that answers after it has written to its disk. */
export const ON_DISK = { appendonly: 'yes', appendfsync: 'always', save: '' };

/** Things that are wrong on purpose. */
export interface Wrongs {
  readonly brokenGuard?: BrokenGuard;
  /** ioredis by default sends again what was under way when its connection broke. */
  readonly resends?: boolean;
  /** Answers every other read from memory. */
  readonly caches?: boolean;
  /** By default {@link ON_DISK}. */
  readonly settings?: Record<string, string>;
}

/** A Redis that faults strike, and instances of an application that reach it through proxies. */
export interface HistorySite extends FaultyRedis {
  readonly instances: readonly Instance[];
  stop(): Promise<void>;
}

export async function startHistorySite(wrongs: Wrongs): Promise<HistorySite> {
  const server = await launchRedis({ settings: wrongs.settings ?? ON_DISK });
  const admin = new Redis(server.url, { disconnectTimeout: 50 });
  admin.on('error', () => undefined);
  const opened = await Promise.all(
    Array.from({ length: INSTANCES }, () => open(server.url, wrongs)),
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

async function open(redisUrl: string, { brokenGuard, resends, caches }: Wrongs) {
  const proxy = await FaultProxy.to(redisUrl);
  const client =
    brokenGuard || resends ? new Redis(proxy.url, { disconnectTimeout: 50 }) : undefined;
  client?.on('error', () => undefined);
  if (client && brokenGuard) breakGuard(client, brokenGuard);
  const instance = await Instance.open({
    redis: client ?? proxy.url,
    storeTimeoutMs: client ? 10 * TIMEOUT_MS : TIMEOUT_MS,
  });
  if (caches) cacheReads(instance);
  const close = async (): Promise<void> => {
    await instance.close();
    client?.disconnect();
    proxy.close();
  };
  return { proxy, instance, close };
}

function cacheReads({ repository }: Instance): void {
  const cache = new Map<SessionId, SessionRecord>();
  const read = repository.read.bind(repository);
  repository.read = async (id) => {
    const cached = cache.get(id);
    cache.delete(id);
    const record = cached ?? (await read(id));
    if (record && !cached) cache.set(id, record);
    return record;
  };
}
