import { Redis } from 'ioredis';
import { type RedisServer, launchRedis } from '../../redis-server/launch.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { Visitor } from '../support/visitor.js';
import {
  heardBy,
  type ListeningSite,
  sessionOf,
  settled,
  startListeningSite,
} from './support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

describeUnless(notOurs, 'listening to events, when Redis goes away', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await launchRedis({ settings: { 'notify-keyspace-events': 'Ex' } });
  });
  afterAll(() => server?.stop());

  const expectToHear = async (sites: readonly ListeningSite[]) => {
    const visitor = new Visitor(sites[0]!);
    const events = await heardBy(sites, () => visitor.post('sign-in?user=alice'));
    expect(events).toMatchObject([{ type: 'signed-in', sessionId: sessionOf(visitor) }]);
  };

  it('goes on by itself on every instance, and each is told once that it may have missed something', async () => {
    const options = { redis: server.url, storeTimeoutMs: 1000 };
    const sites = [
      await startListeningSite('express', options),
      await startListeningSite('fastify', options, { expired: true }),
    ];
    for (const { app } of sites) defer(() => app.close());
    await settled(sites);
    await server.crash();
    const goneAt = Date.now();
    // One process has one log, which the last application has given it.
    const { log } = sites[1]!;
    await eventually(
      'both notice',
      async () => log.matching(/Session events are not heard/).length === 2,
    );
    expect(sites.map(({ gaps }) => gaps)).toEqual([[], []]);
    await server.start();
    await eventually('both are told', async () => sites.every(({ gaps }) => gaps.length > 0));
    await expectToHear(sites);
    for (const { gaps } of sites) {
      expect(gaps).toHaveLength(1);
      expect(gaps[0]!.since).toBeLessThanOrEqual(goneAt + 1000);
      expect(gaps[0]!.until).toBeGreaterThan(gaps[0]!.since);
    }
    expect(log.matching(/Session events are heard again/)).toHaveLength(2);
  });

  it('starts while Redis is away, and says what was missed from the start', async () => {
    await server.crash();
    const options = { redis: server.url, storeTimeoutMs: 100 };
    const site = await startListeningSite('express', options, { expired: true });
    defer(() => site.app.close());
    await server.start();
    await eventually('it is told', async () => site.gaps.length > 0);
    await expectToHear([site]);
  });

  it('notices a connection that is silently gone, when its heartbeat is not answered', async () => {
    const proxy = await FaultProxy.to(server.url);
    defer(() => proxy.close());
    const site = await startListeningSite('express', { redis: proxy.url, storeTimeoutMs: 100 });
    defer(() => site.app.close());
    await settled([site]);
    await server.freeze();
    await eventually(
      'it is noticed',
      async () => site.log.matching(/Session events are not heard/).length > 0,
      30_000,
    );
    await server.thaw();
    await eventually('it is told', async () => site.gaps.length > 0);
    await expectToHear([site]);
  }, 60_000);

  it('leaves no connection behind when the application is closed, and its observables complete', async () => {
    const client = new Redis(server.url, { disconnectTimeout: 50 });
    defer(() => client.disconnect());
    const connections = async () =>
      String(await client.client('LIST')).match(/name=nestjs-redis-session/g)?.length ?? 0;
    const site = await startListeningSite('express', { redis: server.url }, { stream: {} });
    await settled([site]);
    expect(await connections()).toBe(2);
    let isOver = false;
    site.events.all$.subscribe({ complete: () => (isOver = true) });
    await site.app.close();
    expect(isOver).toBe(true);
    await eventually('its connections are gone', async () => (await connections()) === 0);
  });
});
