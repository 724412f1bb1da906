import type { Redis } from 'ioredis';
import { BenchRedis } from '../support/bench-redis.js';
import { Bystander } from './bystander.js';
import { openConnectStore } from './connect-store.js';
import { contentOf } from './content.js';
import { openStore } from './library-store.js';
import { libraryWay, storeAllWay, type Way } from './ways.js';

/** A Redis of its own, with sessions of others in it. */
export interface SignOutSite {
  readonly server: string;
  /** For what the benchmark itself asks. */
  readonly redis: Redis;
  readonly library: Way;
  readonly storeAll: Way;
  readonly bystander: Bystander;
  /** Empties Redis but for sessions of others, begun in this way. */
  fill(way: Way, others: number): Promise<void>;
  newUser(): string;
  close(): Promise<void>;
}

export async function openSignOutSite(): Promise<SignOutSite> {
  const server = await BenchRedis.start();
  try {
    const [redis, asks] = [server.connect(), server.connect()];
    const loading = await openStore(server.connect({ sendsAtOnce: true }));
    const asking = await openStore(asks);
    const connectStore = await openConnectStore(redis);
    const bystander = await Bystander.start(redis);
    let users = 0;
    return {
      server: server.description,
      redis,
      library: libraryWay(loading.repository, asking.repository, asks),
      storeAll: storeAllWay(connectStore),
      bystander,
      fill: async (way, others) => {
        await redis.flushall('SYNC');
        await way.begin(others, contentOf(300));
      },
      newUser: () => `user-${++users}`,
      close: async () => {
        await bystander.stop();
        await connectStore.close();
        for (const library of [loading, asking]) await library.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
