import type { Redis } from 'ioredis';
import { BenchRedis } from '../support/bench-redis.js';
import { type Library, openLibrary } from '../support/library.js';
import { index, LIFETIME, TOUCH_INTERVAL_SECONDS } from './declaration.js';
import type { IndexNames, Moments } from './layout.js';
import { learnLayout } from './learn-layout.js';
import { Population } from './population.js';

/** A Redis of its own for one number of sessions, and the library with and without an index. */
export interface Site {
  readonly server: BenchRedis;
  /** A connection as an application has it: questions go over it. */
  readonly redis: Redis;
  /** One that sends many commands at once, for masses of writes. */
  readonly busy: Redis;
  readonly asking: Library<typeof index>;
  readonly indexed: Library<typeof index>;
  readonly plain: Library;
  readonly population: Population;
  readonly names: IndexNames;
  readonly moments: Moments;
  close(): Promise<void>;
}

/** Sessions for whom no index is declared have keys of their own. */
export const PLAIN_PREFIX = 'plain:';

const OPTIONS = {
  touchIntervalSeconds: TOUCH_INTERVAL_SECONDS,
  idleTimeoutSeconds: LIFETIME.idleSeconds,
  absoluteTimeoutSeconds: LIFETIME.absoluteSeconds,
};

/** An empty Redis; what the library writes is known. */
export async function openSite(size: number): Promise<Site> {
  const server = await BenchRedis.start();
  try {
    if (!server.hasSearch) throw new Error(`${server.description}: this benchmark needs Search.`);
    const redis = server.connect();
    const busy = server.connect({ sendsAtOnce: true });
    const asking = await openLibrary(redis, { ...OPTIONS, index });
    const indexed = await openLibrary(busy, { ...OPTIONS, index });
    const plain = await openLibrary(busy, { ...OPTIONS, keyPrefix: PLAIN_PREFIX });
    const population = new Population(size);
    const names = await learnLayout(redis, asking.repository, population);
    const now = Date.now();
    const moments = { createdAt: now, signedInAt: now };
    const close = async () => {
      for (const library of [asking, indexed, plain]) await library.close();
      await server.stop();
    };
    return { server, redis, busy, asking, indexed, plain, population, names, moments, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
