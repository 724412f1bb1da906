import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis-5';
import { sessionRepositoryContract } from 'nestjs-redis-session/testing';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { useCleanup } from './support/cleanup.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { eventually } from './support/eventually.js';
import { describeUnless, noServersThatMeet } from './support/obstacles.js';
import { times } from './support/scale.js';

const defer = useCleanup();

/** A primary sends its replicas what scripts write, never what they read. */
const READS = ['hgetall', 'hget', 'hmget', 'get', 'exists', 'pttl', 'smembers', 'sscan', 'evalsha'];

/**
 * What a replica answers may be from before a sign-out, so sessions are read from primaries, whatever a client that was handed in does
 * with its other reads.
 */
describeUnless(noServersThatMeet, 'a Cluster client that reads from replicas', () => {
  let cluster: ClusterServers;
  let replicas: Redis[];
  beforeAll(async () => {
    cluster = await startCluster({ withReplicas: true });
    replicas = cluster.replicas.map(({ url }) => new Redis(url, { disconnectTimeout: 50 }));
  });
  afterAll(async () => {
    for (const replica of replicas ?? []) replica.disconnect();
    await cluster?.stop();
  });

  const readsOfReplicas = async () => {
    const stats = await Promise.all(replicas.map((replica) => replica.info('commandstats')));
    return READS.filter((name) => stats.some((text) => text.includes(`cmdstat_${name}:`)));
  };
  const forget = () => Promise.all(replicas.map((replica) => replica.config('RESETSTAT')));

  const CLIENTS = [
    ['ioredis 6', Cluster],
    ['ioredis 5', Cluster5 as unknown as typeof Cluster],
  ] as const;
  const WAYS = CLIENTS.flatMap(([version, Client]) =>
    (['slave', 'all'] as const).map((scaleReads) => ({ version, scaleReads, Client })),
  );

  it.each(WAYS.slice(0, times(1, WAYS.length)))(
    'reads sessions from primaries: $version, scaleReads "$scaleReads"',
    async ({ Client, scaleReads }) => {
      const client = new Client([...cluster.addresses], {
        scaleReads,
        // A Cluster that has just begun may not have told it of its replicas.
        slotsRefreshInterval: 100,
        redisOptions: { disconnectTimeout: 50 },
      });
      defer(() => client.disconnect());
      // By the name that it knows as that of a read.
      await eventually('the client reads from replicas', async () => {
        for (let i = 0; i < 50; i++) await client.hgetall(`{${i}}`);
        return (await readsOfReplicas()).includes('hgetall');
      });
      await forget();
      for (const { check, limit } of sessionRepositoryContract) {
        const settings = new SessionSettings({
          redis: client,
          touchIntervalSeconds: 0,
          storeTimeoutMs: 5000,
          ...(limit && { maxSessionsPerUser: limit }),
        });
        const repository = new RedisSessionRepository(await openConnection(settings), settings);
        await check(repository);
      }
      expect(await readsOfReplicas()).toEqual([]);
    },
  );
});
