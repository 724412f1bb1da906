import { Cluster, Redis } from 'ioredis';
import { SessionService, type SessionOptions } from 'nestjs-redis-session';
import { sessionRepositoryContract } from 'nestjs-redis-session/testing';
import { describeUnless, noServersThatMeet, noTls, type Obstacle } from './support/obstacles.js';
import { idOfForeign } from '../libs/session/src/core/token.js';
import { newSession } from '../libs/session/src/testing/contract/arrange.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionsApart } from '../libs/session/src/redis/sessions-apart.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { assertSoundKeyspace } from './support/keyspace-oracle.js';
import { type SentinelSite, startSentinelSite } from './support/sentinel-site.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { notInShort } from './support/scale.js';
import { startSingle } from './support/servers.js';
import { startTlsServer } from './support/tls-server.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

/** Servers, and how an application is told to use them. */
interface Topology {
  readonly redis: NonNullable<SessionOptions['redis']>;
  /** Of each server that holds keys. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

const TOPOLOGIES: { name: string; obstacle: Obstacle; start: () => Promise<Topology> }[] = [
  { name: 'one Redis', obstacle: false, start: startOne },
  { name: 'a primary behind Sentinels', obstacle: noServersThatMeet, start: startSentinels },
  { name: 'a Cluster with replicas', obstacle: noServersThatMeet, start: startNodes },
  { name: 'a Redis that speaks TLS', obstacle: noTls, start: startTls },
];

// Enough for their keys to lie on each node of a Cluster.
const USERS = Array.from({ length: 12 }, (_, i) => `user-${i}`);

for (const { name, obstacle, start } of TOPOLOGIES) {
  describeUnless(obstacle, `sessions on ${name}`, () => {
    let topology: Topology;
    beforeAll(async () => {
      topology = await start();
    });
    afterAll(() => topology?.stop());

    it('are made, read, written, renewed, listed and ended over HTTP', async () => {
      const options = { redis: topology.redis, storeTimeoutMs: 5000 };
      const site = await startApp('express', options, { controllers: [VisitorController] });
      await Promise.all(USERS.map((user) => liveAndLeave(site, user)));
      await site.app.close();
      for (const url of topology.urls) {
        const node = new Redis(url, { disconnectTimeout: 50 });
        defer(() => node.disconnect());
        await assertSoundKeyspace(node);
        expect(await node.dbsize()).toBeGreaterThan(0);
      }
    });
  });
}

/** What a person with two devices does; the first page of all says whether what was written is still there. */
async function liveAndLeave(site: { url: string }, user: string): Promise<void> {
  const [phone, laptop] = [new Visitor(site), new Visitor(site)];
  for (const device of [phone, laptop]) {
    expect((await device.post('write', { note: user })).status).toBe(201);
    expect((await device.post(`sign-in?user=${user}`)).status).toBe(201);
    const before = device.jar.header;
    expect((await device.post('renew')).status).toBe(201);
    expect(device.jar.header).not.toBe(before);
    expect(await (await device.get('read')).json()).toEqual({ note: user, userId: user });
  }
  expect(await (await phone.get('own-devices')).json()).toEqual({ current: [false, true] });
  expect((await phone.post('sign-out')).status).toBe(201);
  expect((await phone.get('private')).status).toBe(401);
  expect(await (await laptop.get('own-devices')).json()).toEqual({ current: [true] });
  expect(await (await laptop.delete(`users/${user}`)).json()).toEqual({ ended: 1 });
  expect((await laptop.get('private')).status).toBe(401);
  // Something for the oracle to look at.
  expect((await laptop.post(`sign-in?user=${user}`)).status).toBe(201);
}

describeUnless(noServersThatMeet, 'an application that is closed', () => {
  let site: SentinelSite;
  beforeAll(async () => {
    site = await startSentinelSite();
  });
  afterAll(() => site?.stop());

  it('leaves no connection to a Sentinel', async () => {
    const options = { redis: site.redis };
    const { app, url } = await startApp('express', options, { controllers: [VisitorController] });
    const listeners = () => site.listeners();
    await new Visitor({ url }).get('read');
    await new Visitor({ url }).post('write', { note: 'so that Redis is asked' });
    await eventually('it listens to each Sentinel', async () => (await listeners()) === 3);
    await app.close();
    await eventually('nobody listens', async () => (await listeners()) === 0);
    expect(await listeners()).toBe(0);
  });
});

describeUnless(noServersThatMeet, 'a Cluster never answers CROSSSLOT', () => {
  let cluster: ClusterServers;
  let client: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    client = cluster.connect() as Cluster;
  });
  afterAll(async () => {
    client?.disconnect();
    await cluster?.stop();
  });

  // `npm test` has the contract on a Cluster in `reads-of-primaries`.
  describeUnless(notInShort(), 'while a repository', () => {
    it.each(sessionRepositoryContract)('$name', async ({ limit, check }) => {
      const settings = new SessionSettings({
        redis: () => client,
        touchIntervalSeconds: 0,
        storeTimeoutMs: 5000,
        ...(limit && { maxSessionsPerUser: limit }),
      });
      const connection = await openConnection(settings);
      await check(new RedisSessionRepository(connection, settings));
      for (const node of cluster.nodes) await assertSoundKeyspace(node);
    });
  });

  it.each(['evict-least-recently-used', 'refuse'] as const)(
    'to a sign-in at the limit of a user with sessions in other slots (%s)',
    async (whenReached) => {
      const settings = new SessionSettings({
        redis: () => client,
        storeTimeoutMs: 5000,
        maxSessionsPerUser: { limit: 2, whenReached },
      });
      const connection = await openConnection(settings);
      const repository = new RedisSessionRepository(connection, settings);
      const store = new SessionsApart(connection, '');
      const userId = `apart ${whenReached}`;
      const device = { address: undefined, agent: undefined };
      const apart = ['a', 'b'].map((name) => idOfForeign(`${name} ${whenReached}`));
      for (const id of apart) {
        const signIn = { userId, provenAt: performance.now(), device };
        await store.create(id, new Map(), { idleMs: 60_000, slackMs: 1000 }, signIn);
      }
      const { kind } = await repository.create(newSession(userId), new Map());
      const isEvicting = whenReached !== 'refuse';
      expect(kind).toBe(isEvicting ? 'saved' : 'limit');
      const left = await Promise.all(apart.map((id) => repository.read(id)));
      expect(left.filter(Boolean)).toHaveLength(isEvicting ? 1 : 2);
      expect(await repository.idsOfUser(userId)).toHaveLength(2);
    },
  );

  it('to any method of SessionService', async () => {
    const options = { redis: () => client, storeTimeoutMs: 5000 };
    const site = await startApp('express', options, { controllers: [VisitorController] });
    defer(() => site.app.close());
    const called = new Set<string>();
    const service = recorded(site.app.get(SessionService), called);
    for (const user of USERS) {
      const devices = [1, 2, 3].map(() => new Visitor(site));
      for (const device of devices) await device.post(`sign-in?user=${user}`);
      const [first, second, third] = await service.listByUser(user);
      expect((await service.find(first!.id))?.userId).toBe(user);
      expect(await service.update(first!.id, { note: user })).toBe(true);
      expect(await service.read(first!.id, ['note'])).toEqual({ note: user });
      expect(await service.revoke(second!.id)).toBe(true);
      expect(await service.revokeAllOfUser(user, { except: first!.id })).toBe(1);
      expect(await service.find(third!.id)).toBeUndefined();
    }
    expect(await service.ping()).toBeGreaterThan(0);
    await service.revokeAll({ before: Date.now(), where: { note: 'of nobody' } });
    const methods = Object.getOwnPropertyNames(SessionService.prototype);
    expect([...called, 'constructor'].toSorted()).toEqual(methods.toSorted());
  });
});

/** Notes which methods are called. */
function recorded<T extends object>(target: T, called: Set<string>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      called.add(String(name));
      return value.bind(target) as unknown;
    },
  });
}

async function startOne(): Promise<Topology> {
  const { nodes, stop } = await startSingle();
  const { host, port } = nodes[0]!.options;
  const url = `redis://${host}:${port}`;
  return { redis: url, urls: [url], stop };
}

async function startSentinels(): Promise<Topology> {
  const { redis, servers, stop } = await startSentinelSite();
  return { redis, urls: [servers[0]!.url], stop };
}

async function startNodes(): Promise<Topology> {
  const { addresses, primaries, stop } = await startCluster({ withReplicas: true });
  let client: Cluster;
  return {
    redis: () =>
      (client = new Cluster([...addresses], { redisOptions: { disconnectTimeout: 50 } })),
    urls: primaries.map(({ url }) => url),
    stop: async () => {
      client.disconnect();
      await stop();
    },
  };
}

async function startTls(): Promise<Topology> {
  const { server, port, ca, stop } = await startTlsServer();
  return { redis: { host: '127.0.0.1', port, tls: { ca } }, urls: [server.url], stop };
}
