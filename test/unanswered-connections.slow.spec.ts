import { Injectable } from '@nestjs/common';
import { Cluster, Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { type SessionOptions, SessionService } from 'nestjs-redis-session';
import { OnSessionEvent, type SessionEvent } from 'nestjs-redis-session/events';
import { createTwin } from '../libs/session/src/redis/create-client.js';
import { CONNECT_TIMEOUT_MS } from '../libs/session/src/redis/connecting.js';
import { type ListeningSite, startListeningSite } from './events/support/listening-site.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { FaultProxy } from './support/fault-proxy.js';
import { useRedis } from './support/redis.js';
import { times } from './support/scale.js';
import { useStopwatch } from './support/stopwatch.js';
import { Visitor } from './support/visitor.js';

/** What is promised, of each connection. */
const BACK_WITHIN_MS = 2000;

describe('a server that takes connections and never answers', () => {
  const redis = useRedis();
  const defer = useCleanup();
  const stopwatch = useStopwatch(() => [() => redis.client.ping()]);
  let proxy: FaultProxy;
  beforeEach(async () => {
    proxy = await FaultProxy.to(redis.url);
    defer(() => proxy.close());
  });

  const handedIn = (Client: typeof Redis) => () => {
    const { hostname: host, port } = new URL(proxy.url);
    // The limit that its owner sets: what is tried is the connections that are made next to it.
    const client = new Client({
      host,
      port: Number(port),
      commandTimeout: 500,
      disconnectTimeout: 50,
      retryStrategy: () => 50,
    });
    client.on('error', () => undefined);
    defer(() => client.disconnect());
    return client;
  };
  let handled: (string | undefined)[];
  const start = async (where: SessionOptions['redis']) => {
    handled = [];
    @Injectable()
    class Audit {
      @OnSessionEvent('signed-in', { group: 'audit' }) onSignIn({ userId }: SessionEvent) {
        handled.push(userId);
      }
    }
    const site = await startListeningSite(
      'express',
      { redis: where, storeTimeoutMs: 300, durableTimeoutMs: 50, examineAtStart: false },
      { stream: {} },
      { providers: [Audit] },
    );
    defer(() => site.app.close());
    return site;
  };
  const isServed = async (site: ListeningSite, user = 'alice') =>
    (await new Visitor(site).post(`sign-in?user=${user}`)).status === 201;
  /** Without a replica nothing is durable; that it was carried out says that there is a connection. */
  const isDurableAsked = async ({ app }: ListeningSite) => {
    const asking = app.get(SessionService).revokeAllOfUser('nobody', { durable: 'replica' });
    return /was carried out/.test(String(await asking.catch((error: Error) => error)));
  };
  const whatWorks: Record<string, (site: ListeningSite) => Promise<boolean>> = {
    requests: (site) => isServed(site),
    'durable writes': isDurableAsked,
    events: async (site) => {
      site.heard.length = 0;
      return (await isServed(site)) && site.heard.length > 0;
    },
    'groups of events': async (site) => {
      handled.length = 0;
      return (await isServed(site)) && handled.length > 0;
    },
  };
  const everythingWorks = (site: ListeningSite) =>
    Promise.all(
      Object.entries(whatWorks).map(([what, works]) => eventually(what, () => works(site), 15_000)),
    );

  it.each<[string, () => SessionOptions['redis']]>([
    ['a URL', () => proxy.url],
    ['a client of ioredis 6', handedIn(Redis)],
    ['a client of ioredis 5', handedIn(Redis5 as unknown as typeof Redis)],
  ])(
    'is left each time, and requests, durable writes and events are back by themselves, with %s',
    async (_, where) => {
      const site = await start(where());
      await everythingWorks(site);
      const before = proxy.connections;
      proxy.swallowConnections();
      await redis.client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
      await redis.client.call('CLIENT', 'KILL', 'TYPE', 'PUBSUB');
      await isDurableAsked(site);
      await eventually(
        'each connection was tried again and again',
        async () => proxy.connections >= before + times(8, 24),
        30_000,
      );
      const lap = stopwatch.start();
      proxy.behave();
      await everythingWorks(site);
      // A question that is asked when it is back is answered a moment later.
      expect(lap().ownMs).toBeLessThan(BACK_WITHIN_MS + 500);
    },
    60_000,
  );

  it('is named in the log once, with its address, however often it is tried', async () => {
    proxy.swallowConnections();
    const site = await start(proxy.url);
    expect(await isServed(site)).toBe(false);
    await eventually('it was tried again', async () => proxy.connections >= 10, 30_000);
    const lines = site.log.matching(/No connection to Redis/);
    expect(lines).toEqual([
      expect.stringContaining(`at ${new URL(proxy.url).host} (NOANSWER: it takes connections`),
    ]);
    proxy.behave();
    await everythingWorks(site);
    expect(site.log.matching(/Connected to Redis again/)).toHaveLength(1);
  }, 60_000);

  it('is left by the nodes of a Cluster that the library opens next to one', async () => {
    const { hostname: host, port } = new URL(proxy.url);
    const theirs = new Cluster([{ host, port: Number(port) }], {
      lazyConnect: true,
      slotsRefreshTimeout: 4000,
    });
    const twin = createTwin(theirs as never, {}) as unknown as Cluster;
    defer(() => {
      twin.disconnect();
      theirs.disconnect();
    });
    proxy.swallowConnections();
    const node = new Promise<Redis>((resolve) => twin.once('+node', resolve));
    twin.connect().catch(() => undefined);
    const lost = (await node).connect().catch((error: Error) => error.message);
    const lap = stopwatch.start();
    expect(await lost).toBe('Connection is closed.');
    expect(lap().ownMs).toBeLessThan(CONNECT_TIMEOUT_MS + 500);
  });
});
