import { SessionService } from 'nestjs-redis-session';
import { SessionSockets } from 'nestjs-redis-session/websockets';
import { sessionOf } from '../events/support/listening-site.js';
import { commandsDuring, useRedis } from '../support/redis.js';
import { eventually } from '../support/eventually.js';
import { type LiveClient, TRANSPORTS } from './support/live-client.js';
import { type LiveSite, openTab, startLiveSite, visit } from './support/live-site.js';
import { expectAt, meetAt } from './support/meeting.js';
import type { Visitor } from '../support/visitor.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

const PAIRS = TRANSPORTS.flatMap((transport) => [
  { transport, platform: 'express' as const },
  { transport, platform: 'fastify' as const },
]);

describe.each(PAIRS)('a session in messages of $transport on $platform', (pair) => {
  const redis = useRedis();
  let site: LiveSite;
  let alice: Visitor;
  let tab: LiveClient;
  let stranger: LiveClient;

  beforeAll(async () => {
    site = await startLiveSite(pair.platform, pair.transport, { redis: redis.url });
  });
  afterAll(() => site?.app.close());
  beforeEach(async () => {
    alice = await visit(site, 'alice');
    tab = await openTab(site, alice);
    stranger = await openTab(site, await visit(site));
  });
  afterEach(() => {
    tab.close();
    stranger.close();
  });

  const note = async () => ((await (await alice.get('read')).json()) as { note: unknown }).note;
  const said = (data: unknown) => [{ event: 'answer', data }];
  const refused = (code: string, statusCode: number) => [
    { event: 'exception', data: expect.objectContaining({ code, statusCode }) as object },
  ];
  /** The names of the commands of what is asked; nobody waits for what is told to others. */
  const cost = async (client: LiveClient, event: string, data?: unknown) =>
    (await commandsDuring(redis, () => client.ask(event, data)))
      .map(([name]) => name!.toLowerCase())
      .filter((name) => name !== 'publish');

  it('is that of the handshake, as it is now', async () => {
    expect(await tab.ask('read')).toMatchObject(said({ userId: 'alice', note: null }));
    await alice.post('write', { note: 'over HTTP' });
    expect(await tab.ask('read')).toMatchObject(said({ userId: 'alice', note: 'over HTTP' }));
    expect(await tab.ask('field')).toEqual(said('over HTTP'));
    expect(await tab.ask('members')).toEqual(said('over HTTP'));
    expect(await stranger.ask('read')).toMatchObject(said({ userId: null, note: null }));
  });

  it('is guarded as in HTTP', async () => {
    expect(await tab.ask('private')).toEqual(said('alice'));
    expect(await tab.ask('fresh')).toEqual(said('fresh'));
    expect(await tab.ask('stale')).toEqual(refused('SESSION_NOT_FRESH', 401));
    expect(await stranger.ask('private')).toEqual(refused('SESSION_REQUIRED', 401));
    expect(await stranger.ask('members')).toEqual(refused('SESSION_REQUIRED', 401));
    expect(await stranger.ask('everybody')).toEqual(said('everybody'));
  });

  it('costs one read for a message that asks for it, and nothing for others', async () => {
    for (const warm of ['read', 'field', 'write']) await tab.ask(warm, 'warm');
    expect(await cost(tab, 'nothing')).toEqual([]);
    expect(await cost(tab, 'everybody')).toEqual([]);
    expect(await cost(tab, 'read')).toEqual(['hgetall']);
    expect(await cost(tab, 'private')).toEqual(['hgetall']);
    expect(await cost(tab, 'field')).toEqual(['evalsha']);
    expect(await cost(tab, 'write', 'x')).toEqual(['hgetall', 'evalsha']);
    expect(await cost(stranger, 'read')).toEqual([]);
    expect(await cost(stranger, 'private')).toEqual([]);
  });

  it('is saved before the answer leaves, and a part of it before the first of several', async () => {
    expect(await tab.ask('write', 'a note')).toEqual(said('written'));
    expect(await note()).toBe('a note');
    expect(await tab.ask('stream', undefined, 2)).toEqual([...said('first'), ...said('second')]);
    expect(await note()).toBe('first');
    expect(await tab.ask('late', undefined, 2)).toEqual([
      ...said('first'),
      { event: 'exception', data: expect.objectContaining({ code: 'SESSION_STATE' }) as object },
    ]);
  });

  it('is saved also when the handler throws, and when the tab has closed before its end', async () => {
    const [exception] = await tab.ask('refuse', 'thrown');
    expect(exception).toMatchObject({ event: 'exception', data: { message: 'no' } });
    expect(await note()).toBe('thrown');
    expectAt('begun', 2);
    expectAt('left', 2);
    tab.send('slow', 'left');
    await meetAt('begun');
    tab.close();
    const sockets = site.app.get(SessionSockets);
    await eventually('it has left', async () => sockets.ofUser('alice').length === 0);
    await meetAt('left');
    await eventually('it is saved', async () => (await note()) === 'left');
  });

  it('has its updates run again on what other messages wrote', async () => {
    const others = await Promise.all([1, 2, 3].map(() => openTab(site, alice)));
    defer(() => others.forEach((other) => other.close()));
    expectAt('count', 4);
    await Promise.all([tab, ...others].map((one) => one.ask('count')));
    const service = site.app.get(SessionService);
    expect(await service.read(sessionOf(alice), ['count'])).toEqual({ count: 4 });
  });

  it('refuses what needs a new token, and nothing comes of it', async () => {
    const before = await redis.client.keys('*');
    for (const event of ['sign-in', 'renew']) {
      expect(await tab.ask(event, 'bob')).toEqual(refused('SESSION_STATE', 500));
    }
    expect(await stranger.ask('sign-in', 'bob')).toEqual(refused('SESSION_STATE', 500));
    expect(await stranger.ask('write', 'mine')).toEqual(refused('SESSION_STATE', 500));
    expect(new Set(await redis.client.keys('*'))).toEqual(new Set(before));
    const lines = site.log.matching(/needs a new token/);
    expect(lines.join('\n')).toMatch(/signIn\(\)[^]*renew\(\)[^]*Writing to a stranger's session/);
    expect(await tab.ask('private')).toEqual(said('alice'));
  });

  it('ends by destroy(): the answer still leaves, and each tab of the browser is closed', async () => {
    const other = await openTab(site, alice);
    expect(await tab.ask('sign-out')).toEqual(said('signed out'));
    expect(await Promise.all([tab.closed, other.closed])).toEqual([
      'SESSION_SIGNED_OUT',
      'SESSION_SIGNED_OUT',
    ]);
    expect((await alice.get('private')).status).toBe(401);
    expect(stranger.isOpen).toBe(true);
  });
});
