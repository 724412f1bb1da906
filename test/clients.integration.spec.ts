import { Redis } from 'ioredis';
import type { SessionOptions } from '../libs/session/src/session.options.js';
import { startApp, type TestApp } from './support/app.js';
import { connectToClusterOfOne, useClusterOfOne } from './support/cluster-of-one.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

const serve = (
  redis: SessionOptions['redis'],
  more: Partial<SessionOptions> = {},
): Promise<TestApp> =>
  startApp('express', { redis, ...more }, { controllers: [VisitorController] });

const expectToWorkWith = async (site: TestApp) => {
  const visitor = new Visitor(site);
  for (const path of ['write', 'sign-in?user=alice', 'renew']) {
    const response = await visitor.post(path, { note: 'kept' });
    expect(await response.json()).toEqual({ ok: true });
  }
  expect(await (await visitor.get('read')).json()).toEqual({ note: 'kept', userId: 'alice' });
  expect(await (await visitor.delete('users/alice')).json()).toEqual({ ended: 1 });
  expect((await visitor.get('private')).status).toBe(401);
};

describe('a client that the library makes', () => {
  const redis = useRedis();
  const connections = async () =>
    String(await redis.client.client('LIST')).match(/name=nestjs-redis-session/g)?.length ?? 0;

  it.each<[string, () => SessionOptions['redis']]>([
    ['a URL', () => redis.url],
    ['options of ioredis', () => ({ host: '127.0.0.1', port: Number(new URL(redis.url).port) })],
  ])(
    'from %s connects when it is first needed, and is closed with the application',
    async (_, given) => {
      // A look at Redis when the site starts would be the first need.
      const site = await serve(given(), { examineAtStart: false });
      expect(await connections()).toBe(0);
      await expectToWorkWith(site);
      expect(await connections()).toBe(1);
      await site.app.close();
      expect(await connections()).toBe(0);
    },
  );

  it('puts a prefix before every key', async () => {
    await redis.client.flushall();
    const site = await serve(redis.url, { keyPrefix: 'shop:' });
    defer(() => site.app.close());
    await expectToWorkWith(site);
    const keys = await redis.client.keys('*');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !key.startsWith('shop:'))).toEqual([]);
  });
});

describe('a client that is handed in', () => {
  const redis = useRedis();
  let client: Redis;
  beforeEach(() => {
    client = new Redis(redis.url, { lazyConnect: true, keyPrefix: 'mine:' });
  });
  afterEach(() => client.disconnect());

  it.each<[string, () => SessionOptions['redis']]>([
    ['as it is', () => client],
    ['by a function', () => () => client],
    ['by a promise', () => async () => client],
  ])('%s is used, never changed and never closed', async (_, given) => {
    const options = { ...client.options };
    const methods = Object.keys(client);
    const site = await serve(given());
    await expectToWorkWith(site);
    await site.app.close();
    expect(client.status).toBe('ready');
    expect(client.options).toEqual(options);
    expect(Object.keys(client).filter((name) => !methods.includes(name))).not.toContain(
      'defineCommand',
    );
    expect(await redis.client.keys('mine:session*')).not.toEqual([]);
  });

  it('may pipeline on its own', async () => {
    const pipelining = new Redis(redis.url, { enableAutoPipelining: true });
    defer(() => pipelining.disconnect());
    const site = await serve(pipelining);
    defer(() => site.app.close());
    await expectToWorkWith(site);
  });
});

describe('a Cluster that is handed in', () => {
  const redis = useClusterOfOne();
  it('is used like a single server: every operation is one script on one slot', async () => {
    const cluster = connectToClusterOfOne(redis.url, { clusterRetryStrategy: () => 20 });
    const site = await serve(cluster);
    try {
      await expectToWorkWith(site);
    } finally {
      await site.app.close();
      cluster.disconnect();
    }
  });
});
