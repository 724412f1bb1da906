import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response as ExpressResponse } from 'express';
import { Cluster, Redis } from 'ioredis';
import type { SessionData } from 'express-session';
import { SessionService } from 'nestjs-redis-session';
import type { RedisSessionStore } from 'nestjs-redis-session/express-session';
import { startApp } from './support/app.js';
import { Barriers } from './support/barriers.js';
import { eventually } from './support/eventually.js';
import { describeUnless, noServersThatMeet } from './support/obstacles.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { sessionsIn, startStoreSite, type StoreSite, storeOf } from './support/store-site.js';
import { Visitor } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

/** Until the answer is whole: express-session lets its head go before it saves. */
const visit = async (visitor: Visitor, page: string) => {
  const response = await visitor.get(page);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const signedIn = async (site: { url: string }, user: string) => {
  const visitor = new Visitor(site);
  expect(await visit(visitor, `sign-in?user=${user}`)).toMatchObject({ status: 200 });
  return visitor;
};
const userOf = async (visitor: Visitor) => (await visit(visitor, 'read')).body['userId'];
const idOf = async (visitor: Visitor, { store }: StoreSite) =>
  store.idOf(String((await visit(visitor, 'read')).body['sid']));
const bare = (fields: object) =>
  ({ ...fields, cookie: { originalMaxAge: null } }) as unknown as SessionData;

describe('sessions of a user, in a store for express-session', () => {
  const redis = useRedis();
  const sites: StoreSite[] = [];
  beforeEach(() => redis.client.flushall());
  afterEach(() => Promise.all(sites.splice(0).map((site) => site.stop())));
  const site = async () => {
    const started = await startStoreSite(storeOf({ redis: redis.url, storeTimeoutMs: 5000 }));
    sites.push(started);
    return started;
  };
  const membersOf = async (user: string) => {
    const [key] = await redis.client.keys(`session-user:*:${user}`);
    return key ? redis.client.smembers(key) : [];
  };
  /** As if the last request had been some time ago, so that the time to live is due. */
  const age = async () => {
    for (const key of await redis.client.keys('session:*'))
      await redis.client.hset(key, '~seen', 1);
  };

  it('are listed with their devices, newest first, and one of them can be ended', async () => {
    const at = await site();
    const phone = await signedIn(at, 'alice');
    const laptop = await signedIn(at, 'alice');
    await signedIn(at, 'bob');
    const current = await idOf(laptop, at);
    const list = await at.store.listByUser('alice', { current });
    expect(list.map(({ isCurrent }) => isCurrent)).toEqual([true, false]);
    expect(list[0]).toMatchObject({
      userId: 'alice',
      address: expect.stringContaining('127.0.0.1') as string,
    });
    expect(list[0]!.expiresInSeconds).toBeGreaterThan(3500);
    expect(await at.store.revoke(list[1]!.id)).toBe(true);
    expect(await userOf(phone)).toBeUndefined();
    expect(await userOf(laptop)).toBe('alice');
    expect(await membersOf('alice')).toEqual([current]);
  });

  it('keep no address where that is not wanted', async () => {
    const store = storeOf({ redis: redis.url, recordDevice: false });
    const started = await startStoreSite(store);
    sites.push(started);
    await signedIn(started, 'alice');
    expect((await store.listByUser('alice'))[0]!.address).toBeUndefined();
  });

  it('all end when the user is signed out everywhere, or all but one, which stays', async () => {
    const at = await site();
    const [here, there] = [await signedIn(at, 'alice'), await signedIn(at, 'alice')];
    const other = await signedIn(at, 'bob');
    const except = await idOf(here, at);
    expect(await at.store.revokeAllOfUser('alice', { except })).toBe(1);
    expect(await userOf(there)).toBeUndefined();
    await age();
    expect(await userOf(here)).toBe('alice');
    await age();
    expect(await userOf(here)).toBe('alice');
    expect(await at.store.revokeAllOfUser('alice')).toBe(1);
    expect(await userOf(here)).toBeUndefined();
    expect(await userOf(other)).toBe('bob');
  });

  it('do not spare a session of somebody else', async () => {
    const at = await site();
    const [alice, bob] = [await signedIn(at, 'alice'), await signedIn(at, 'bob')];
    expect(await at.store.revokeAllOfUser('alice', { except: await idOf(bob, at) })).toBe(1);
    expect(await userOf(alice)).toBeUndefined();
    expect(await userOf(bob)).toBe('bob');
  });

  it('follow the user when they sign in or out without a new session', async () => {
    const at = await site();
    const visitor = new Visitor(at);
    await visit(visitor, 'set?a=1');
    for (const user of ['alice', 'bob', '']) {
      await visit(visitor, `sign-in-here?user=${user}`);
      expect(await membersOf('alice')).toHaveLength(user === 'alice' ? 1 : 0);
      expect(await membersOf('bob')).toHaveLength(user === 'bob' ? 1 : 0);
      expect((await at.store.listByUser('bob')).length).toBe(user === 'bob' ? 1 : 0);
    }
    expect((await visit(visitor, 'read')).body).toMatchObject({ a: 1 });
    const [key] = await redis.client.keys('session:*');
    expect(await redis.client.hmget(key!, '~user', '~auth', '~ip')).toEqual([null, null, null]);
  });

  it('stay whose they are when a request beside a sign-in, which knew nothing of it, writes', async () => {
    const at = await site();
    const visitor = new Visitor(at);
    await visit(visitor, 'set?a=1');
    const arrived = at.barriers.arrived('slow');
    const slow = visit(visitor, 'set?at=slow&a=2');
    await arrived;
    await visit(visitor, 'sign-in-here?user=alice');
    at.barriers.open('slow');
    await slow;
    expect(await userOf(visitor)).toBe('alice');
    expect(await at.store.listByUser('alice')).toHaveLength(1);
  });

  it('leave the set when they are signed out of', async () => {
    const at = await site();
    const visitor = await signedIn(at, 'alice');
    await visit(visitor, 'sign-out');
    expect(await membersOf('alice')).toEqual([]);
  });

  it('end at their next touch if the set has lost them when the user is signed out everywhere', async () => {
    const at = await site();
    const visitor = await signedIn(at, 'alice');
    await redis.client.del(await redis.client.keys('session-user:*'));
    expect(await at.store.revokeAllOfUser('alice')).toBe(0);
    await age();
    await visit(visitor, 'read');
    expect(await userOf(visitor)).toBeUndefined();
    expect(await redis.client.keys('session:*')).toEqual([]);
  });

  it('are put back into a set that has lost them, which outlives them', async () => {
    const at = await site();
    const visitor = await signedIn(at, 'alice');
    await redis.client.del(await redis.client.keys('session-user:*'));
    await age();
    await visit(visitor, 'read');
    expect(await membersOf('alice')).toHaveLength(1);
    const [set] = await redis.client.keys('session-user:*');
    const [session] = await redis.client.keys('session:*');
    const [ofSet, ofSession] = await Promise.all([
      redis.client.pttl(set!),
      redis.client.pttl(session!),
    ]);
    expect(ofSet).toBeGreaterThan(ofSession);
  });

  it.each(['sign-in?user=alice&at=slow', 'sign-in-here?user=alice&at=slow'])(
    'do not begin by %s, whose request was under way when the user was signed out everywhere',
    async (page) => {
      const at = await site();
      const visitor = new Visitor(at);
      await visit(visitor, 'set?a=1');
      const arrived = at.barriers.arrived('slow');
      const slow = visit(visitor, page);
      await arrived;
      await at.store.revokeAllOfUser('alice');
      at.barriers.open('slow');
      await slow;
      await eventually('the error is told', async () => at.errors.length === 1);
      expect(at.errors[0]).toMatchObject({ code: 'SESSION_GONE' });
      expect(await userOf(visitor)).toBeUndefined();
      expect(await at.store.listByUser('alice')).toEqual([]);
      expect(await signedIn(at, 'alice').then(userOf)).toBe('alice');
    },
  );

  it('never outlive a sign-out everywhere that comes between the steps of a sign-in', async () => {
    const at = await site();
    for (let i = 0; i < 40; i++) {
      const save = at.store.set(`sid ${i}`, bare({ userId: 'alice' })).then(
        () => true,
        () => false,
      );
      const ended = at.store.revokeAllOfUser('alice');
      await Promise.all([save, ended]);
      const isThere = (await at.store.get(`sid ${i}`)) !== null;
      // A session that is there began after it, was told so, and is known.
      expect(isThere).toBe((await save) && (await membersOf('alice')).length === 1);
      await at.store.revokeAllOfUser('alice');
      expect(await at.store.get(`sid ${i}`)).toBeNull();
    }
  });

  it('cost as many commands as the documentation says', async () => {
    const at = await site();
    const commands = async (act: () => Promise<unknown>) => {
      const seen = await commandsDuring(redis, act);
      // A server that does not know a script is sent its text.
      return seen.filter(([name]) => name!.toLowerCase() !== 'eval').length;
    };
    const visitor = new Visitor(at);
    expect(await commands(() => visit(visitor, 'read'))).toBe(0);
    expect(await commands(() => visit(visitor, 'set?a=1'))).toBe(1);
    expect(await commands(() => visit(visitor, 'set?a=2&b=3'))).toBe(2);
    await age();
    expect(await commands(() => visit(visitor, 'read'))).toBe(2);
    expect(await commands(() => visit(visitor, 'sign-in?user=alice'))).toBe(6);
    expect(await commands(() => visit(visitor, 'read'))).toBe(1);
    await age();
    expect(await commands(() => visit(visitor, 'read'))).toBe(3);
    expect(await commands(() => visit(visitor, 'sign-out'))).toBe(4);
    const dead = new Visitor(at);
    expect(await commands(() => visit(dead, 'sign-in?user=alice'))).toBe(5);
    expect(await commands(() => at.store.revokeAllOfUser('alice'))).toBe(4);
    expect(await commands(() => visit(dead, 'read'))).toBe(2);
  });

  it('end at once if a sign-out everywhere comes between the steps of their sign-in', async () => {
    const other = storeOf({ redis: redis.url, storeTimeoutMs: 5000 });
    defer(() => other.close());
    const client = new Redis(redis.url);
    defer(() => client.disconnect());
    let isLate = true;
    const interrupted = new Proxy(client, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const isOfSession = args.some((arg) => String(arg).startsWith('session:{'));
          if (isLate && name === 'evalsha' && isOfSession) {
            isLate = false;
            await other.revokeAllOfUser('alice');
          }
          return (value as (...args: unknown[]) => unknown).apply(target, args);
        };
      },
    });
    const store = storeOf({ redis: interrupted as never, storeTimeoutMs: 5000 });
    await expect(store.set('sid', bare({ userId: 'alice' }))).rejects.toMatchObject({
      code: 'SESSION_GONE',
    });
    expect(isLate).toBe(false);
    expect(await redis.client.keys('session:*')).toEqual([]);
  });

  it('can be named only by what can be a user id', async () => {
    const store = storeOf({ redis: redis.url, userId: () => '' });
    defer(() => store.close());
    await expect(store.set('sid', bare({}))).rejects.toMatchObject({ code: 'SESSION_STATE' });
  });
});

@Controller()
class NestPages {
  static readonly barriers = new Barriers();

  @Get('sign-in') async signIn(
    @Req() { session }: Request,
    @Query('user') user: string,
    @Res({ passthrough: true }) _response: ExpressResponse,
  ) {
    session.userId = user;
    await new Promise<void>((resolve, reject) => {
      session.save((error?: Error) => (error ? reject(error) : resolve()));
    });
    return { ok: true };
  }
  @Get('read') read(@Req() { session, sessionID }: Request) {
    return { ...session, cookie: undefined, sid: sessionID };
  }
  @Get('set') async set(@Req() { session }: Request, @Query('at') at?: string) {
    await NestPages.barriers.pass(at);
    session['a'] = Number(session['a'] ?? 0) + 1;
    return { ok: true };
  }
}

describe('a store for express-session in a Nest application', () => {
  const redis = useRedis();

  it('shares its sessions with SessionService beside it, which lists and ends them', async () => {
    await redis.client.flushall();
    const store = storeOf({ redis: redis.url });
    defer(() => store.close());
    const options = { redis: redis.url };
    const controllers = [NestPages];
    const site = await startApp('express', options, { controllers }, (app) =>
      app.use(sessionsIn(store)),
    );
    defer(() => site.app.close());
    const service = site.app.get(SessionService);
    const visitor = await signedIn(site, 'alice');
    await visit(visitor, 'set');
    const [device] = await service.listByUser('alice');
    expect(device).toMatchObject({ userId: 'alice', data: { a: 1 } });
    expect(await service.update(device!.id, { note: 'by a job' } as never)).toBe(true);
    expect((await visit(visitor, 'read')).body).toMatchObject({ a: 1, note: 'by a job' });

    const arrived = NestPages.barriers.arrived('slow');
    const slow = visit(visitor, 'set?at=slow');
    await arrived;
    expect(await service.revokeAllOfUser('alice')).toBe(1);
    NestPages.barriers.open('slow');
    expect(await slow).toEqual({ status: 200, body: { ok: true } });
    expect(await redis.client.keys('session:*')).toEqual([]);
    expect(await userOf(visitor)).toBeUndefined();
  });
});

describeUnless(noServersThatMeet, 'a store for express-session on a Cluster', () => {
  let servers: ClusterServers;
  let client: Cluster;
  let store: RedisSessionStore<SessionData>;
  let site: StoreSite;
  beforeAll(async () => {
    servers = await startCluster();
    client = servers.connect() as Cluster;
    store = storeOf({ redis: () => client, keyPrefix: 'shop:', storeTimeoutMs: 5000 });
    site = await startStoreSite(store);
  });
  afterAll(async () => {
    await site?.stop();
    client?.disconnect();
    await servers?.stop();
  });

  it('has sessions and their users in different slots, and never crosses them', async () => {
    const users = Array.from({ length: 6 }, (_, i) => `user-${i}`);
    for (const user of users) {
      const devices = [];
      for (let i = 0; i < 3; i++) devices.push(await signedIn(site, user));
      const [first, second, third] = devices as [Visitor, Visitor, Visitor];
      await visit(first, 'set?a=1');
      expect((await visit(first, 'read')).body).toMatchObject({ a: 1, userId: user });
      expect(await store.listByUser(user)).toHaveLength(3);
      await visit(second, 'sign-in-here?user=olga');
      expect(await store.listByUser(user)).toHaveLength(2);
      expect(await store.revokeAllOfUser(user, { except: await idOf(first, site) })).toBe(1);
      expect([await userOf(first), await userOf(third)]).toEqual([user, undefined]);
      await visit(first, 'sign-out');
      expect(await store.listByUser(user)).toEqual([]);
    }
    expect(await store.listByUser('olga')).toHaveLength(6);
    const sizes = await Promise.all(servers.nodes.map((node) => node.dbsize()));
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  it('finds all sessions on all primaries', async () => {
    await store.clear();
    await Promise.all(Array.from({ length: 300 }, (_, i) => store.set(`s${i}`, bare({ i }))));
    expect(await store.length()).toBe(300);
    expect(await store.all()).toHaveLength(300);
    await store.clear();
    expect(await store.length()).toBe(0);
  });
});
