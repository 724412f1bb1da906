import { SessionService } from 'nestjs-redis-session';
import { SessionSockets } from 'nestjs-redis-session/websockets';
import { sessionOf } from '../events/support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';
import { eventually } from '../support/eventually.js';
import { Instance } from '../support/instance.js';
import { useRedis } from '../support/redis.js';
import { useStopwatch } from '../support/stopwatch.js';
import { Visitor } from '../support/visitor.js';
import { type LiveClient, TRANSPORTS } from './support/live-client.js';
import { type LiveSite, openTab, startLiveSite, visit } from './support/live-site.js';

/** How long a socket may outlive its session. */
const LIMIT_MS = 1000;

describe.each(TRANSPORTS)('sockets of %s whose session ends, on two instances', (transport) => {
  const redis = useRedis();
  let here: LiveSite;
  let there: LiveSite;
  let bystander: LiveClient;
  let stranger: LiveClient;
  const stopwatch = useStopwatch(() => [() => redis.client.ping()]);

  beforeAll(async () => {
    const options = {
      redis: redis.url,
      maxSessionsPerUser: { limit: 2, whenReached: 'evict-least-recently-used' },
    } as const;
    here = await startLiveSite('express', transport, options);
    there = await startLiveSite('fastify', transport, options);
    bystander = await openTab(there, await visit(here, 'bystander'));
    stranger = await openTab(there, await visit(there));
  });
  afterAll(async () => {
    for (const tab of [bystander, stranger]) tab.close();
    await Promise.all([here, there].map(({ app }) => app.close()));
  });

  const service = () => here.app.get(SessionService);
  /** Why the tabs are closed by what is done. */
  const closedBy = async (tabs: readonly LiveClient[], act: () => Promise<unknown>) => {
    const lap = stopwatch.start();
    await act();
    const codes = await Promise.all(tabs.map(({ closed }) => closed));
    expect(lap().ownMs).toBeLessThan(LIMIT_MS);
    return codes;
  };
  /** A tab at each instance. */
  const tabsOf = (visitor: Visitor) =>
    Promise.all([openTab(here, visitor), openTab(there, visitor)]);
  const user = async (tab: LiveClient) => {
    const [message] = await tab.ask('read');
    return (message!.data as { userId: unknown }).userId;
  };

  it('are closed when it is revoked, and those of another session of the user are not', async () => {
    const [alice, other] = [await visit(here, 'alice'), await visit(here, 'alice')];
    const [tabs, spared] = [await tabsOf(alice), await tabsOf(other)];
    const revoke = () => service().revoke(sessionOf(alice));
    expect(await closedBy(tabs, revoke)).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
    for (const tab of spared) expect(await user(tab)).toBe('alice');
    const everywhere = () => service().revokeAllOfUser('alice');
    expect(await closedBy(spared, everywhere)).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
  });

  it('are closed when a cutoff makes it invalid, at each instance', async () => {
    const [leaked, spared] = [await visit(here, 'lea'), await visit(here, 'lea')];
    await leaked.post('write', { note: 'leaked' });
    const [tabs, others] = [await tabsOf(leaked), await tabsOf(spared)];
    const revoked = service().revokeAll({ before: Date.now(), where: { note: 'leaked' } });
    const codes = await Promise.all(tabs.map(({ closed }) => closed));
    expect(codes).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
    await revoked;
    for (const tab of others) expect(await user(tab)).toBe('lea');
  });

  it('get no answer to a message, and are closed, where no event told of a cutoff', async () => {
    const leaked = await visit(here, 'pia');
    await leaked.post('write', { note: 'lost' });
    const tabs = await tabsOf(leaked);
    const teller = await Instance.open({ redis: redis.url });
    await teller.service.revokeAll({ before: Date.now(), where: { note: 'lost' } });
    await teller.close();
    for (const tab of tabs) {
      const answered = tab.ask('private').then(([message]) => message!.event);
      expect(await Promise.race([answered, tab.closed])).not.toBe('answer');
    }
    const codes = await Promise.all(tabs.map(({ closed }) => closed));
    expect(codes).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
  });

  it('are closed when the visitor signs out', async () => {
    const alice = await visit(here, 'alice');
    const codes = await closedBy(await tabsOf(alice), () => alice.post('sign-out'));
    expect(codes).toEqual(['SESSION_SIGNED_OUT', 'SESSION_SIGNED_OUT']);
  });

  it('are closed when it makes room for another', async () => {
    const oldest = await visit(here, 'carol');
    const tabs = await tabsOf(oldest);
    await visit(here, 'carol');
    const codes = await closedBy(tabs, () => visit(here, 'carol'));
    expect(codes).toEqual(['SESSION_EVICTED', 'SESSION_EVICTED']);
  });

  it('are closed when somebody signs in, who comes again as the user that they are', async () => {
    const guest = await visit(here);
    await guest.post('write', { note: 'mine' });
    const signIn = (name: string) => () => guest.post(`sign-in?user=${name}`);
    const asGuest = await closedBy(await tabsOf(guest), signIn('olga'));
    expect(asGuest).toEqual(['SESSION_SIGNED_IN', 'SESSION_SIGNED_IN']);
    const asOlga = await tabsOf(guest);
    expect(await user(asOlga[1])).toBe('olga');
    expect(await closedBy(asOlga, signIn('bob'))).toEqual([
      'SESSION_SIGNED_OUT',
      'SESSION_SIGNED_OUT',
    ]);
  });

  it('stay open when it is renewed, and follow it to its end', async () => {
    const alice = await visit(here, 'alice');
    const tabs = await tabsOf(alice);
    const sockets = there.app.get(SessionSockets);
    for (const act of ['renew', 'sign-in?user=alice', 'renew']) {
      await alice.post(act);
      // Before the event as after it.
      for (const tab of tabs) expect(await user(tab)).toBe('alice');
      await eventually(
        'it is known by its new name',
        async () => sockets.ofSession(sessionOf(alice)).length === 1,
      );
    }
    const revoke = () => service().revoke(sessionOf(alice));
    expect(await closedBy(tabs, revoke)).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED']);
  });

  it('are known to the application, by session and by user', async () => {
    const [one, two] = [await visit(here, 'olga'), await visit(here, 'olga')];
    const tabs = [await openTab(there, one), await openTab(there, one), await openTab(there, two)];
    const sockets = there.app.get(SessionSockets);
    expect(sockets.ofUser('olga')).toHaveLength(3);
    expect(sockets.ofSession(sessionOf(one))).toHaveLength(2);
    const [socket] = sockets.ofSession<object>(sessionOf(two));
    expect(sockets.sessionOf(socket!)).toEqual({ sessionId: sessionOf(two), userId: 'olga' });
    expect(sockets.sessionOf({})).toBeUndefined();
    expect(here.app.get(SessionSockets).ofUser('olga')).toEqual([]);
    for (const tab of tabs) tab.close();
    await eventually('they are gone', async () => sockets.ofUser('olga').length === 0);
    expect(sockets.ofSession(sessionOf(one))).toEqual([]);
  });

  it('are none of others: whoever has nothing to do with it goes on', async () => {
    expect(await user(bystander)).toBe('bystander');
    expect(await user(stranger)).toBeNull();
  });
});

describe.each(TRANSPORTS)('sockets of %s whose session expires, and nobody tells', (transport) => {
  const redis = useRedis();
  let site: LiveSite;
  const IDLE_SECONDS = 2;
  const stopwatch = useStopwatch(() => [() => redis.client.ping()]);
  const defer = useCleanup();

  beforeAll(async () => {
    site = await startLiveSite('express', transport, {
      redis: redis.url,
      idleTimeoutSeconds: IDLE_SECONDS,
      touchIntervalSeconds: 0,
    });
  });
  afterAll(() => site.app.close());

  it('are closed within a second of its end, which messages put off', async () => {
    const [alice, bob] = [await visit(site, 'alice'), await visit(site, 'bob')];
    const [idle, busy] = [await openTab(site, alice), await openTab(site, bob)];
    const service = site.app.get(SessionService);
    const alive = setInterval(() => busy.send('read'), 300);
    defer(() => clearInterval(alive));
    const lap = stopwatch.start();
    const endsAt = (await service.find(sessionOf(alice)))!.expiresAt.getTime();
    expect(await idle.closed).toBe('SESSION_EXPIRED');
    const now = Date.now();
    expect(now - endsAt - lap().delayMs).toBeLessThan(LIMIT_MS);
    expect(now).toBeGreaterThanOrEqual(endsAt - 50);
    // Beyond what it would have had.
    const later = (await service.find(sessionOf(bob)))!.expiresAt.getTime();
    expect(later).toBeGreaterThan(endsAt + 500);
    expect(busy.isOpen).toBe(true);
    clearInterval(alive);
    expect(await busy.closed).toBe('SESSION_EXPIRED');
    expect(await redis.client.keys('session:*')).toEqual([]);
  });
});
