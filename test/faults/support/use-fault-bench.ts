import { Redis } from 'ioredis';
import { launchRedis, type LaunchOptions, type RedisServer } from '../../../redis-server/launch.js';
import { FaultProxy } from '../../support/fault-proxy.js';
import { withSeed } from '../../support/scale.js';
import type { Crowd } from './crowd.js';
import { FaultSite } from './fault-site.js';
import { tokensIn, writtenIn } from './token-search.js';

type BenchOptions = Omit<Parameters<typeof FaultSite.open>[0], 'redis'> & {
  readonly server?: LaunchOptions;
  /** Whether the site reaches Redis through the proxy. */
  readonly isProxied?: boolean;
};

/** A Redis, a network to it and a site, for the scenarios of a group. */
export interface FaultBench {
  readonly server: RedisServer;
  /** All that the site says to Redis passes here, where that was asked for. */
  readonly proxy: FaultProxy;
  readonly site: FaultSite;
  /** The test's own way to Redis. */
  readonly admin: Redis;
  /** Once all is well again: whatever is wrong with what the visitors were told, the processes, the keys and the files. */
  wrongs(crowd: Crowd): Promise<string[]>;
}

/** Starts them before the scenarios of a group, and ends them after those. */
export function useFaultBench({
  server: launch = {},
  isProxied,
  ...options
}: BenchOptions = {}): FaultBench {
  const bench = {} as { -readonly [K in keyof FaultBench]: FaultBench[K] };
  beforeAll(async () => {
    bench.server = await launchRedis(launch);
    bench.proxy = await FaultProxy.to(bench.server.url);
    const { url } = isProxied ? bench.proxy : bench.server;
    bench.site = await FaultSite.open({ ...options, redis: url });
    bench.admin = patientClient(bench.server.url);
  });
  afterAll(async () => {
    bench.admin?.disconnect();
    await bench.site?.close();
    bench.proxy?.close();
    await bench.server?.stop();
  });
  bench.wrongs = async (crowd) => {
    await crowd.reckon();
    const { wrongs, tokens } = crowd.ledger;
    const faults = await bench.site.faults([bench.admin]);
    const outputs = bench.site.instances.map(({ output }) => output);
    const { dataFolder } = bench.server;
    const written = dataFolder === undefined ? '' : await writtenIn(dataFolder);
    const leaks = [...outputs, written].flatMap((text) => tokensIn(text, tokens));
    const texts = wrongs.map(({ kind, what }) => `${kind}: ${what}`);
    return withSeed([
      ...texts,
      ...faults,
      ...leaks.map((token) => `the token ${token} was written`),
    ]);
  };
  return bench;
}

/** A client that waits for its server as long as it takes. */
export function patientClient(url: string): Redis {
  const client = new Redis(url, {
    maxRetriesPerRequest: null,
    disconnectTimeout: 50,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  return client;
}
