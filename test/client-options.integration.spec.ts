import type { LoggerService } from '@nestjs/common';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { createToken, idOfToken, shardOfUser } from '../libs/session/src/core/token.js';
import { clientFindings } from '../libs/session/src/redis/client-findings.js';
import { SessionKeys } from '../libs/session/src/redis/keys.js';
import { startApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { connectToClusterOfOne, useClusterOfOne } from './support/cluster-of-one.js';
import { eventually } from './support/eventually.js';
import { FaultProxy } from './support/fault-proxy.js';
import { Instance } from './support/instance.js';
import { describeUnless, noServersThatMeet } from './support/obstacles.js';
import { type TestRedis, useRedis } from './support/redis.js';
import { type SentinelSite, startSentinelSite } from './support/sentinel-site.js';

const defer = useCleanup();
const keys = new SessionKeys('');

/** What docs/operating/client-options.md says. */
const RIGHT = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  commandTimeout: 1500,
  retryStrategy: () => 20,
} satisfies RedisOptions;

/** A client with these options in place of the right ones, its application, and what stands between it and Redis. */
const open = (redisUrl: string, options: object = {}) =>
  openWith(redisUrl, (url) => new Redis(url, { ...RIGHT, ...options }));

const RIGHT_OF_CLUSTER = {
  enableOfflineQueue: false,
  clusterRetryStrategy: () => 20,
  redisOptions: { commandTimeout: 1500 },
} satisfies ClusterOptions;

const openCluster = (redisUrl: string, options: object = {}) =>
  openWith(redisUrl, (url) => connectToClusterOfOne(url, { ...RIGHT_OF_CLUSTER, ...options }));

async function openWith<C extends Redis | Cluster>(redisUrl: string, connect: (url: string) => C) {
  const proxy = await FaultProxy.to(redisUrl);
  defer(() => proxy.close());
  const client = connect(proxy.url);
  defer(() => client.disconnect());
  client.on('error', () => undefined);
  await eventually('the client is connected', async () => client.status === 'ready');
  const instance = await Instance.open({ redis: client, storeTimeoutMs: 300 });
  defer(() => instance.close());
  const isAnswered = () =>
    instance.repository.time().then(
      () => true,
      () => false,
    );
  return { proxy, client, instance, untilBack: () => eventually('it is back', isAnswered) };
}

async function begin({ repository }: Instance) {
  const token = createToken(shardOfUser('ana'));
  const id = idOfToken(token);
  const next = {
    id,
    token,
    userId: 'ana',
    lifetime: { idleSeconds: 600, absoluteSeconds: 3600 },
    device: { address: undefined, agent: undefined },
    provenAt: performance.now(),
    afterEpoch: undefined,
  };
  await repository.create(next, new Map());
  return id;
}

type Opened = Awaited<ReturnType<typeof openWith>>;

async function expectBegunLate(
  redis: TestRedis,
  { proxy, client, instance, untilBack }: Opened,
  begun: number,
): Promise<void> {
  // Redis knows the script then.
  await begin(instance);
  await redis.client.flushdb();
  proxy.refuseConnections();
  await eventually('the connection is lost', async () => client.status !== 'ready');
  await expect(begin(instance)).rejects.toMatchObject({ code: 'SESSION_STORE' });
  proxy.behave();
  await untilBack();
  expect(await redis.client.keys('session:*')).toHaveLength(begun);
}

/** The next connection of each is taken and never answered, the ones after it are. */
async function swallowOne(all: readonly Opened[]): Promise<void> {
  for (const { proxy } of all) {
    const before = proxy.connections;
    proxy.refuseConnections();
    proxy.behave();
    proxy.swallowConnections();
    await eventually('it connects again', async () => proxy.connections > before);
    proxy.behave();
  }
}

const expectRefused = ({ instance }: Opened) =>
  expect(instance.repository.time()).rejects.toMatchObject({ code: 'SESSION_STORE' });

/** @param finite gives up after a few attempts, and `right` does not. */
async function expectOnlyFirstBack(right: Opened, finite: Opened): Promise<void> {
  for (const { proxy } of [right, finite]) proxy.refuseConnections();
  await eventually('it has given up', async () => finite.client.status === 'end');
  for (const { proxy } of [right, finite]) proxy.behave();
  await right.untilBack();
  await expectRefused(finite);
}

describe('options of a client that is handed in', () => {
  const redis = useRedis();
  const RESENDING = { autoResendUnfulfilledCommands: true, maxRetriesPerRequest: null };

  it.each<[string, object, number]>([
    ['right', {}, 2],
    ['resending', RESENDING, 3],
    ['resending, 20 times at most', { ...RESENDING, maxRetriesPerRequest: 20 }, 3],
  ])('%s: a write whose answer was lost, after another one', async (_, options, count) => {
    const { proxy, instance, untilBack } = await open(redis.url, options);
    const id = await begin(instance);
    const increment = (cut: () => void) =>
      instance.service.update(id, (session) => {
        session.increment('count');
        cut();
      });
    // Redis knows the script then.
    await increment(() => undefined);
    await increment(() => proxy.cutNextAnswer()).catch(() => undefined);
    await untilBack();
    expect(await redis.client.hget(keys.session(id), 'count')).toBe(String(count));
  });

  it.each<[string, object, number]>([
    ['right', {}, 0],
    ['queueing', { enableOfflineQueue: true, maxRetriesPerRequest: null }, 1],
  ])('%s: a sign-in that was refused while Redis was away', async (_, options, begun) => {
    await expectBegunLate(redis, await open(redis.url, options), begun);
  });

  it('without commandTimeout a connection that is taken and never answered is kept', async () => {
    const limited = await open(redis.url, { commandTimeout: 300 });
    const unlimited = await open(redis.url, { commandTimeout: undefined });
    await swallowOne([limited, unlimited]);
    await limited.untilBack();
    expect(unlimited.client.status).not.toBe('ready');
  });

  it('with a retryStrategy that gives up it is not back when Redis is', async () => {
    const right = await open(redis.url);
    const finite = await open(redis.url, {
      retryStrategy: (times: number) => (times > 2 ? null : 10),
    });
    await expectOnlyFirstBack(right, finite);
  });
});

describe('options of a Cluster that is handed in', () => {
  const redis = useClusterOfOne();

  it.each<[string, object, number]>([
    ['right', {}, 0],
    ['queueing', { enableOfflineQueue: true }, 1],
  ])('%s: a sign-in that was refused while its servers were away', async (_, options, begun) => {
    await expectBegunLate(redis, await openCluster(redis.url, options), begun);
  });

  it('without commandTimeout a connection that is taken and never answered is kept', async () => {
    const limited = await openCluster(redis.url, { redisOptions: { commandTimeout: 300 } });
    const unlimited = await openCluster(redis.url, { redisOptions: {} });
    await swallowOne([limited, unlimited]);
    await limited.untilBack();
    await expectRefused(unlimited);
  });

  it('with a clusterRetryStrategy that gives up it is not back when its servers are', async () => {
    const right = await openCluster(redis.url);
    const finite = await openCluster(redis.url, {
      clusterRetryStrategy: (times: number) => (times > 2 ? null : 10),
    });
    await expectOnlyFirstBack(right, finite);
  });
});

describeUnless(noServersThatMeet, 'a client of Sentinels that is handed in', () => {
  let site: SentinelSite;
  beforeAll(async () => {
    site = await startSentinelSite();
  }, 60_000);
  afterAll(() => site?.stop());

  it('without sentinelCommandTimeout finds nothing while the first Sentinel does not answer', async () => {
    const [first, ...others] = site.redis.sentinels;
    const proxy = await FaultProxy.to(`redis://${first!.host}:${first!.port}`);
    defer(() => proxy.close());
    proxy.swallowConnections();
    const { hostname, port } = new URL(proxy.url);
    const sentinels = [{ host: hostname, port: Number(port) }, ...others];
    const connect = (more: object) => {
      const client = new Redis({ ...RIGHT, ...site.redis, sentinels, ...more });
      client.on('error', () => undefined);
      defer(() => client.disconnect());
      return client;
    };
    const unlimited = connect({});
    const limited = connect({ sentinelCommandTimeout: 300 });
    await eventually('it is connected', async () => limited.status === 'ready');
    expect(unlimited.status).not.toBe('ready');
  });
});

describe('what is said of a client that is handed in', () => {
  const namesOf = (client: Redis | Cluster) => {
    defer(() => client.disconnect());
    return clientFindings(client).map((finding) => /^\w+/.exec(finding)![0]);
  };
  const lazyConnect = true;
  const ofSentinels = (more: object = {}) =>
    new Redis({
      sentinels: [{ host: '127.0.0.1', port: 1 }],
      name: 'x',
      lazyConnect,
      ...RIGHT,
      ...more,
    });
  const ofCluster = (options: object) =>
    new Cluster(['redis://127.0.0.1:1'], { lazyConnect, ...options });

  it('names the options of Sentinels', () => {
    expect(namesOf(ofSentinels())).toEqual(['sentinelCommandTimeout']);
    expect(namesOf(ofSentinels({ sentinelCommandTimeout: 500 }))).toEqual([]);
  });

  it('names those of a Cluster, in the place where a Cluster has them', () => {
    expect(namesOf(ofCluster({}))).toEqual(['enableOfflineQueue', 'commandTimeout']);
    expect(namesOf(ofCluster(RIGHT_OF_CLUSTER))).toEqual([]);
    const clusterRetryStrategy = () => null;
    expect(namesOf(ofCluster({ ...RIGHT_OF_CLUSTER, clusterRetryStrategy }))).toEqual([
      'clusterRetryStrategy',
    ]);
    expect(clientFindings(ofCluster({ ...RIGHT_OF_CLUSTER, redisOptions: {} }))[0]).toContain(
      'Set redisOptions: { commandTimeout: 1500 }.',
    );
  });
});

describe('a site that starts with a client that is handed in', () => {
  const redis = useRedis();
  const linesOf = async (options: object, more: object = {}) => {
    const lines: string[] = [];
    const keep = (message: string) => void lines.push(message);
    const log: LoggerService = { log: keep, warn: keep, error: keep };
    const client = new Redis(redis.url, options);
    defer(() => client.disconnect());
    client.on('error', () => undefined);
    const before = { ...client.options };
    const site = await startApp('express', { redis: client, ...more }, {}, (app) =>
      app.useLogger(log),
    );
    await site.app.close();
    expect(client.options).toEqual(before);
    return lines.filter((line) => line.startsWith('The client of the option redis, '));
  };

  it('has nothing against the right options', async () => {
    expect(await linesOf(RIGHT)).toEqual([]);
  });

  it('says nothing when it is told not to look', async () => {
    expect(await linesOf({}, { examineAtStart: false })).toEqual([]);
  });

  it.each<[string, object]>([
    ['enableOfflineQueue', { enableOfflineQueue: true }],
    [
      'autoResendUnfulfilledCommands',
      { autoResendUnfulfilledCommands: true, maxRetriesPerRequest: null },
    ],
    ['commandTimeout', { commandTimeout: undefined }],
    ['retryStrategy', { retryStrategy: (times: number) => (times > 10 ? null : 50) }],
  ])('warns of %s in a line of its own, with the value to set', async (option, options) => {
    const lines = await linesOf({ ...RIGHT, ...options });
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^The client of the option redis, ${option}\\b.*: .*\\. (Set|Return) .*\\.$`),
      ),
    ]);
  });

  it('warns of the defaults of ioredis, which do three of these', async () => {
    expect((await linesOf({})).map((line) => /redis, (\w+)/.exec(line)![1])).toEqual([
      'enableOfflineQueue',
      'autoResendUnfulfilledCommands',
      'commandTimeout',
    ]);
  });
});
