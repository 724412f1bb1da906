import { SessionService } from 'nestjs-redis-session';
import { type RedisServer, launchRedis } from '../../redis-server/launch.js';
import { sessionOf } from '../events/support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { openTab, startLiveSite, visit } from './support/live-site.js';

describeUnless(notOurs, 'sockets, when Redis goes away and comes back', () => {
  let server: RedisServer;
  let proxy: FaultProxy;
  const defer = useCleanup();
  beforeAll(async () => {
    server = await launchRedis();
    proxy = await FaultProxy.to(server.url);
  });
  afterAll(async () => {
    proxy?.close();
    await server?.stop();
  });

  it('stay open with their sessions; one that was revoked unheard is closed, one that was renewed unheard follows', async () => {
    const here = await startLiveSite('express', 'ws', { redis: server.url });
    defer(() => here.app.close());
    const cutOff = await startLiveSite('fastify', 'ws', { redis: proxy.url });
    defer(() => cutOff.app.close());
    const [alice, bob, carol] = [
      await visit(here, 'alice'),
      await visit(here, 'bob'),
      await visit(here, 'carol'),
    ];
    const near = await openTab(here, alice);
    const [live, revoked, renewed] = [
      await openTab(cutOff, alice),
      await openTab(cutOff, bob),
      await openTab(cutOff, carol),
    ];

    proxy.refuseConnections();
    await server.crash();
    await server.start();
    const service = here.app.get(SessionService);
    await eventually('Redis answers', () =>
      service.ping().then(
        () => true,
        () => false,
      ),
    );
    expect(await service.revoke(sessionOf(bob))).toBe(true);
    for (const act of ['renew', 'sign-in?user=carol']) await carol.post(act);
    expect([near, live, revoked, renewed].every(({ isOpen }) => isOpen)).toBe(true);
    proxy.behave();
    expect(await revoked.closed).toBe('SESSION_REVOKED');
    for (const [tab, user] of [
      [near, 'alice'],
      [live, 'alice'],
      [renewed, 'carol'],
    ] as const) {
      await eventually('it answers', async () => (await tab.ask('private'))[0]!.data === user);
    }
    await service.revoke(sessionOf(carol));
    expect(await renewed.closed).toBe('SESSION_REVOKED');
    expect([near.isOpen, live.isOpen]).toEqual([true, true]);
  });
});
