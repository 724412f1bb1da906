import { Cluster } from 'ioredis';
import type { TestApp } from './support/app.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { eventually } from './support/eventually.js';
import { knowsDegraded, startHealthSite } from './support/health-site.js';
import { useStopwatch } from './support/stopwatch.js';
import { describeWithBrokenCluster } from './search/support/own-servers.js';

const STORE_TIMEOUT_MS = 1000;
const DEGRADED = knowsDegraded ? { status: 'degraded' } : { status: 'up', degraded: true };

describeWithBrokenCluster('the health of sessions, at a Cluster', () => {
  const stopwatch = useStopwatch();
  let cluster: ClusterServers;
  let client: Cluster;
  let site: TestApp;

  const health = async (page = 'ready') => {
    const response = await fetch(`${site.url}/health/${page}`);
    const { details } = (await response.json()) as { details: { sessions: { share?: number } } };
    return { http: response.status, ...details.sessions };
  };

  beforeAll(async () => {
    cluster = await startCluster({ settings: { 'cluster-require-full-coverage': 'no' } });
    client = new Cluster([...cluster.addresses], { redisOptions: { disconnectTimeout: 50 } });
    client.on('error', () => undefined);
    site = await startHealthSite(
      'express',
      { redis: () => client, storeTimeoutMs: STORE_TIMEOUT_MS },
      { ready: { slowMs: 10_000 }, strict: { slowMs: 10_000, downBelow: 0.9 } },
    );
    await eventually('the sessions are up', async () => (await health()).http === 200);
  }, 60_000);
  afterAll(async () => {
    await site?.app.close();
    client?.disconnect();
    await cluster?.stop();
  });

  it('is up when every shard answers, and leaves no key', async () => {
    expect(await health()).toMatchObject({ http: 200, status: 'up', share: 1 });
    expect(await Promise.all(cluster.nodes.map((node) => node.dbsize()))).toEqual([0, 0, 0]);
  });

  it('says each time for which share nothing can be saved', async () => {
    await cluster.nodes[0]!.config('SET', 'maxmemory', '1');
    const answers = [await health(), await health(), await health()];
    await cluster.nodes[0]!.config('SET', 'maxmemory', '0');
    for (const answer of answers) {
      expect(answer).toMatchObject({
        ...DEGRADED,
        http: 200,
        share: 1,
        message: 'Only 66 % of the users can sign in, and only their sessions can be saved: OOM.',
      });
    }
  });

  it('is degraded each time while a shard is frozen, within the time limit; below the threshold it is down', async () => {
    await cluster.primaries[1]!.freeze();
    const lap = stopwatch.start();
    const answers = [await health(), await health(), await health()];
    const { ownMs } = lap();
    const strict = await health('strict');
    await cluster.primaries[1]!.thaw();
    for (const answer of answers) {
      expect(answer).toMatchObject({
        ...DEGRADED,
        http: 200,
        share: 0.66,
        message: 'Only 66 % of the sessions can be read: Redis does not answer.',
      });
    }
    expect(ownMs).toBeLessThan(3 * (STORE_TIMEOUT_MS + 50));
    expect(strict).toMatchObject({ http: 503, status: 'down', share: 0.66 });
    await eventually('all shards answer', async () => (await health()).share === 1);
  });

  it('is degraded each time while a shard is away, and up when it is back', async () => {
    await cluster.primaries[1]!.crash();
    await eventually('it is noticed', async () => (await health()).share !== 1);
    for (let i = 0; i < 5; i++) {
      expect(await health()).toMatchObject({ ...DEGRADED, http: 200, share: 0.66 });
    }
    await cluster.primaries[1]!.start();
    await eventually('all shards answer', async () => (await health()).share === 1);
  }, 60_000);

  it('is down when no shard answers', async () => {
    await Promise.all(cluster.primaries.map((server) => server.freeze()));
    const answer = await health();
    await Promise.all(cluster.primaries.map((server) => server.thaw()));
    expect(answer).toMatchObject({ http: 503, status: 'down', share: 0 });
    expect(answer).toMatchObject({ message: 'No session can be read: Redis does not answer.' });
  });
});
