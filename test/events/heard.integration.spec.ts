import { Redis } from 'ioredis';
import { SessionService, type SessionSource } from 'nestjs-redis-session';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
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

const SECRET = 'a value that is nobody else’s business';
const FIELDS = ['note', 'count', 'lines'];

describe('what becomes of sessions, on two instances', () => {
  const redis = useRedis();
  let sites: ListeningSite[];
  let [express, fastify] = [] as ListeningSite[];
  let spy: Redis;
  const published: string[] = [];
  const tokens = new Set<string>();

  beforeAll(async () => {
    const options = {
      redis: redis.url,
      keyPrefix: 'shop:',
      maxSessionsPerUser: { limit: 2, whenReached: 'evict-least-recently-used' },
      touchIntervalSeconds: 0,
    } as const;
    express = await startListeningSite('express', options);
    fastify = await startListeningSite('fastify', options);
    sites = [express, fastify];
    spy = new Redis(redis.url, { disconnectTimeout: 50 });
    spy.on('pmessage', (_pattern, channel, text) => published.push(`${channel} ${text}`));
    await spy.psubscribe('*');
  });
  afterAll(async () => {
    spy?.disconnect();
    await Promise.all(sites.map(({ app }) => app.close()));
  });

  /** One request, and what both have heard of it. */
  const after = (site: ListeningSite, visitor: Visitor, path: string) =>
    heardBy(sites, async () => {
      tokens.add(visitor.jar.cookies.get('id')!);
      const response = await at(site, visitor).post(path, { note: SECRET });
      expect(response.status).toBe(201);
      tokens.add(visitor.jar.cookies.get('id')!);
    });
  const by = ({ events }: ListeningSite) => ({
    instance: events.instance,
    at: expect.any(Number) as number,
  });

  it('is heard by both, each once: from the first page of a guest to the end of a user', async () => {
    const visitor = new Visitor(express!);
    const began = await after(express!, visitor, 'write');
    const guest = { sessionId: sessionOf(visitor), userId: undefined };
    const created = { type: 'created', isAdopted: false, fields: FIELDS };
    expect(began).toEqual([{ ...by(express!), ...guest, ...created }]);
    expect(Math.abs(began[0]!.at - Date.now())).toBeLessThan(60_000);
    expect(await after(fastify!, visitor, 'write')).toEqual([
      // What holds the same as before is not written.
      { ...by(fastify!), ...guest, type: 'changed', fields: ['count'] },
    ]);

    const signedIn = await after(express!, visitor, 'sign-in?user=alice');
    const alice = { sessionId: sessionOf(visitor), userId: 'alice' };
    const previousId = guest.sessionId;
    expect(signedIn).toEqual([
      { ...by(express!), ...alice, type: 'signed-in', fields: [], previousId },
    ]);

    for (const path of ['renew', 'sign-in?user=alice']) {
      const before = sessionOf(visitor);
      const [renewed, ...more] = await after(fastify!, visitor, path);
      const now = { sessionId: sessionOf(visitor), userId: 'alice', previousId: before };
      expect(renewed).toEqual({ ...by(fastify!), ...now, type: 'renewed', fields: [] });
      expect(more).toEqual([]);
    }

    const aliceBefore = sessionOf(visitor);
    expect(await after(express!, visitor, 'sign-in?user=bob')).toEqual([
      { ...by(express!), type: 'signed-out', sessionId: aliceBefore, userId: 'alice' },
      {
        ...by(express!),
        type: 'signed-in',
        sessionId: sessionOf(visitor),
        userId: 'bob',
        fields: [],
        previousId: undefined,
      },
    ]);
    const bob = { sessionId: sessionOf(visitor), userId: 'bob' };
    expect(await after(fastify!, visitor, 'sign-out')).toEqual([
      { ...by(fastify!), ...bob, type: 'signed-out' },
    ]);
    expect(await after(fastify!, visitor, 'write')).toMatchObject([{ type: 'created' }]);
  });

  it('is heard when somebody else ends a session, and which had to make room', async () => {
    const devices = [1, 2, 3].map(() => new Visitor(express!));
    for (const device of devices.slice(0, 2)) await device.post('sign-in?user=carol');
    const ids = () => devices.map(sessionOf);
    const evicting = await after(express!, devices[2]!, 'sign-in?user=carol');
    const revoked = (sessionId: string | undefined, reason: string) => ({
      type: 'revoked',
      sessionId,
      userId: 'carol',
      reason,
      ...by(express!),
    });
    expect(evicting).toEqual([
      revoked(sessionOf(devices[0]!), 'evicted'),
      expect.objectContaining({ type: 'signed-in', sessionId: sessionOf(devices[2]!) }),
    ]);

    const service = express!.app.get(SessionService);
    const [, second, third] = ids();
    expect(await heardBy(sites, () => service.revoke(second!))).toEqual([
      revoked(second, 'revoked'),
    ]);
    expect(await heardBy(sites, () => service.revoke(second!))).toEqual([]);
    expect(await heardBy(sites, () => new Visitor(express!).delete('users/carol'))).toEqual([
      revoked(third, 'revoked'),
    ]);
  });

  it('is heard when a session dies at its touch, because its user was signed out everywhere', async () => {
    const visitor = new Visitor(fastify!);
    await visitor.post('sign-in?user=olga');
    for (const key of await redis.client.keys('shop:session-user:*:olga')) {
      await redis.client.del(key);
    }
    await visitor.delete('users/olga');
    const [event] = await heardBy(sites, async () => {
      await visitor.get('read');
      // The touch is beside the handler: what is sent after it on the same connection is answered after it.
      await fastify!.app.get(SessionService).ping();
    });
    expect(event).toEqual({
      ...by(fastify!),
      type: 'revoked',
      reason: 'revoked',
      sessionId: sessionOf(visitor),
      userId: 'olga',
    });
  });

  it('is nothing when sessions are read, and when nothing comes of a request', async () => {
    const visitor = new Visitor(express!);
    await visitor.post('sign-in?user=reader');
    const events = await heardBy(sites, async () => {
      await at(fastify!, visitor).get('read');
      await visitor.get('private');
      await visitor.get('own-devices');
      await new Visitor(express!).get('read');
      await new Visitor(express!).post('sign-out');
    });
    expect(events).toEqual([]);
  });

  it('is no sign-in when a session from before is adopted: its user has proved nothing', async () => {
    const adoptFrom: SessionSource = {
      cookie: { ...express!.app.get(SessionSettings).cookie, name: 'old' },
      find: async () => ({ secret: 'a'.repeat(43), userId: 'alice', fields: { note: SECRET } }),
      end: async () => true,
    };
    const site = await startListeningSite('express', {
      redis: redis.url,
      keyPrefix: 'shop:',
      adoptFrom,
    });
    defer(() => site.app.close());
    const visitor = new Visitor(site);
    await visitor.get('read');
    await visitor.get('read');
    await eventually('it is heard', async () => site.heard.length > 0);
    expect(site.heard).toEqual([
      {
        ...by(site),
        type: 'created',
        isAdopted: true,
        sessionId: sessionOf(visitor),
        userId: 'alice',
        fields: ['note'],
      },
    ]);
  });

  it('is published without tokens and values, on one channel that names prefix and database', async () => {
    await settled(sites);
    expect(published.length).toBeGreaterThan(10);
    const all = published.join('\n');
    tokens.delete(undefined as never);
    expect(tokens.size).toBeGreaterThan(5);
    for (const secret of [SECRET, ...tokens]) expect(all).not.toContain(secret);
    const channels = new Set(published.map((line) => line.split(' ')[0]));
    expect(channels).toEqual(new Set(['shop:session-events:0']));
  });

  it('is not heard by an application in another database, or with another prefix', async () => {
    const others = await Promise.all([
      startListeningSite('express', { redis: redis.url, keyPrefix: 'blog:' }),
      startListeningSite('express', { redis: `${redis.url}/1`, keyPrefix: 'shop:' }),
    ]);
    for (const { app } of others) defer(() => app.close());
    await heardBy(sites, () => new Visitor(express!).post('sign-in?user=alice'));
    for (const other of others) {
      await settled([other]);
      expect(other.heard.every(({ userId }) => userId?.startsWith('mark-'))).toBe(true);
    }
  });
});

/** The same browser, at another instance. */
function at(site: ListeningSite, { jar }: Visitor): Visitor {
  const visitor = new Visitor(site);
  return Object.assign(visitor, { jar });
}
