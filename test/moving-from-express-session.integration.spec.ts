import { createHmac } from 'node:crypto';
import { Controller, Get, type LoggerService, Post } from '@nestjs/common';
import {
  RequireFreshSignIn,
  Session,
  type SessionData,
  SessionOptional,
  type SessionOptions,
} from 'nestjs-redis-session';
import {
  connectRedisSessions,
  type ConnectRedisOptions,
} from 'nestjs-redis-session/express-session';
import type { SessionOptions as ExpressSessionOptions } from 'express-session';
import { startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { FaultProxy } from './support/fault-proxy.js';
import { type OldSite, startOldSite } from './support/old-site.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

interface Old extends Partial<SessionData> {
  cookie?: object;
  passport?: { user: string };
  signedInAt?: number;
}

@Controller()
class PageController {
  @Get('lines') lines(@Session() session: Session) {
    return { lines: session.get('lines') ?? null, isNew: session.isNew };
  }
  @Get('secret') @RequireFreshSignIn(3600) secret() {
    return { ok: true };
  }
  @Post('confirm') confirm(@Session() session: Session) {
    session.reauthenticated();
  }
  @Post('count') count(@Session() session: Session) {
    session.increment('count');
  }
  @Get('fields') fields(@Session() session: Session) {
    return session.fieldNames().toSorted();
  }
  @Get('optional') @SessionOptional() optional(@Session() session: Session) {
    return { isUnavailable: session.isUnavailable };
  }
}

class Log implements LoggerService {
  readonly lines: string[] = [];
  log(): void {}
  warn(line: string, context: string): void {
    if (context === 'Session') this.lines.push(line);
  }
  error(line: string, _stack: undefined, context: string): void {
    this.warn(line, context);
  }
}

describe('moving from express-session and connect-redis', () => {
  const redis = useRedis();
  const oldSites: OldSite[] = [];
  const log = new Log();
  beforeEach(async () => {
    await redis.client.flushall();
    log.lines.length = 0;
  });
  afterEach(() => Promise.all(oldSites.splice(0).map((site) => site.stop())));

  const oldSite = async (options?: Partial<ExpressSessionOptions>, store?: object) => {
    const site = await startOldSite(redis.url, options, store);
    oldSites.push(site);
    return site;
  };
  /** Runs our site, with what a test wants of the source, and of the module. */
  const withSite = async (
    act: (comes: (from: Visitor) => Visitor, site: { url: string }) => Promise<void>,
    source: Partial<ConnectRedisOptions<Old>> = {},
    options: Partial<SessionOptions> = {},
  ) => {
    const adoptFrom = connectRedisSessions<Old>({
      redis: redis.url,
      secret: 'keyboard cat',
      userId: ({ passport }) => passport?.user,
      fields: ({ cookie: _cookie, passport: _passport, ...fields }) => fields,
      ...source,
    });
    const controllers = [VisitorController, PageController];
    const site = await startApp(
      'express',
      { redis: redis.url, adoptFrom, ...options },
      { controllers },
      (app) => app.useLogger(log),
    );
    try {
      await act((from) => withCookiesOf(from, site), site);
    } finally {
      await site.app.close();
    }
  };
  const withCookiesOf = ({ jar }: Visitor, site: { url: string }) => {
    const visitor = new Visitor(site);
    for (const [name, value] of jar.cookies) visitor.jar.cookies.set(name, value);
    return visitor;
  };
  /** A browser that was used at the old site. */
  const formerVisitor = async (site?: OldSite, user?: string) => {
    const visitor = new Visitor(site ?? (await oldSite()));
    if (user) await visitor.get(`sign-in?user=${user}`);
    await visitor.get('write?note=tea');
    return visitor;
  };
  const oldKey = async () => (await redis.client.keys('sess:*'))[0]!;
  /** Alters what connect-redis has stored, or replaces it, as something else might. */
  const alter = async (change: (old: Record<string, unknown>) => unknown) => {
    const key = await oldKey();
    const old = JSON.parse((await redis.client.get(key))!) as Record<string, unknown>;
    await redis.client.set(key, JSON.stringify(change(old)), 'KEEPTTL');
  };
  const ourKeys = () => redis.client.keys('session:*');
  const bodyOf = async (response: Response) => (await response.json()) as Record<string, unknown>;
  const namesOf = async (act: () => Promise<unknown>) =>
    (await commandsDuring(redis, act)).map(([name]) => name!.toLowerCase());

  describe('a user who was signed in', () => {
    it('stays signed in, with the cart, gets our cookie and loses the old one', () =>
      withSite(async (comes) => {
        const visitor = comes(await formerVisitor(undefined, 'alice'));
        const first = await visitor.get('private');
        expect(await bodyOf(first)).toEqual({ userId: 'alice' });
        expect(first.headers.getSetCookie()).toEqual([
          expect.stringMatching(/^connect\.sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 .*Path=\//),
          expect.stringMatching(/^id=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/),
        ]);
        expect(first.headers.get('cache-control')).toBe('no-store');
        expect([...visitor.jar.cookies.keys()]).toEqual(['id']);
        expect(await bodyOf(await visitor.get('lines'))).toEqual({
          lines: [{ sku: 'tea', quantity: 1 }],
          isNew: false,
        });
        expect(await ourKeys()).toHaveLength(1);
      }));

    it('has an old session for half a minute more, for requests that are on their way', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        await comes(former).get('private');
        const left = await redis.client.pttl(await oldKey());
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(30_000);
        await redis.client.pexpire(await oldKey(), 20_000);
        await comes(former).get('private');
        expect(await redis.client.pttl(await oldKey())).toBeLessThanOrEqual(20_000);
        await redis.client.del(await oldKey());
        expect((await comes(former).get('private')).status).toBe(401);
      }));

    it('has a session here for each there: the token is made of the secret of the old cookie', () =>
      withSite(async (comes) => {
        const site = await oldSite();
        const phone = comes(await formerVisitor(site, 'alice'));
        const laptop = comes(await formerVisitor(site, 'alice'));
        for (const device of [phone, laptop]) await device.get('private');
        expect(phone.jar.header).not.toBe(laptop.jar.header);
        expect(await ourKeys()).toHaveLength(2);
        await phone.post('sign-out');
        expect((await laptop.get('private')).status).toBe(200);
      }));

    it('is asked again where the sign-in must be fresh, and is not remembered for confirming', () =>
      withSite(async (comes) => {
        const visitor = comes(await formerVisitor(undefined, 'alice'));
        expect(await bodyOf(await visitor.get('secret'))).toMatchObject({
          code: 'SESSION_NOT_FRESH',
        });
        const confirmed = await visitor.post('confirm');
        expect(confirmed.headers.getSetCookie()[0]).toContain('Max-Age=43200;');
        expect((await visitor.get('secret')).status).toBe(200);
      }));

    it('need not be asked where the old session tells when they signed in', () =>
      withSite(
        async (comes) => {
          const former = await formerVisitor(undefined, 'alice');
          await alter((old) => ({ ...old, signedInAt: Date.now() - 60_000 }));
          expect((await comes(former).get('secret')).status).toBe(200);
        },
        { authenticatedAt: ({ signedInAt }) => signedInAt },
      ));

    it('is remembered where the source says so', () =>
      withSite(
        async (comes) => {
          const first = await comes(await formerVisitor(undefined, 'alice')).get('private');
          expect(first.headers.getSetCookie()[1]).toContain('Max-Age=2592000;');
        },
        { isRemembered: ({ passport }) => passport !== undefined },
      ));

    it('gets a new token when they sign in by the request that brings the old session', () =>
      withSite(async (comes) => {
        const visitor = comes(await formerVisitor(undefined, 'alice'));
        const response = await visitor.post('sign-in?user=alice');
        expect(response.headers.getSetCookie()).toHaveLength(2);
        expect([...visitor.jar.cookies.keys()]).toEqual(['id']);
        expect((await visitor.get('secret')).status).toBe(200);
        expect(await ourKeys()).toHaveLength(1);
      }));
  });

  it("a guest's cart goes along, too, and stays a guest's", () =>
    withSite(async (comes) => {
      const visitor = comes(await formerVisitor());
      expect(await bodyOf(await visitor.get('read'))).toEqual({ note: 'tea', userId: null });
      expect([...visitor.jar.cookies.keys()]).toEqual(['id']);
      await visitor.post('sign-in?user=alice');
      expect(await bodyOf(await visitor.get('read'))).toEqual({ note: 'tea', userId: 'alice' });
    }));

  it('a guest is given a copy in each browser that brings the old cookie: it may have been planted', () =>
    withSite(async (comes) => {
      const former = await formerVisitor();
      const [attacker, victim] = [comes(former), comes(former)];
      await attacker.get('read');
      for (const visitor of [victim, attacker]) {
        expect(await bodyOf(await visitor.get('read'))).toEqual({ note: 'tea', userId: null });
      }
      expect(attacker.jar.header).not.toBe(victim.jar.header);
      await victim.post('write', { note: 'private' });
      expect(await bodyOf(await attacker.get('read'))).toMatchObject({ note: 'tea' });
      await victim.post('sign-in?user=alice');
      await attacker.post('sign-out');
      expect(await bodyOf(await victim.get('read'))).toEqual({ note: 'private', userId: 'alice' });
      expect(await ourKeys()).toHaveLength(1);
    }));

  it('a guest who asks many things at once gets a copy for each, and the browser keeps one', () =>
    withSite(async (comes) => {
      const former = await formerVisitor();
      const tabs = Array.from({ length: 10 }, () => comes(former));
      for (const response of await Promise.all(tabs.map((tab) => tab.get('read')))) {
        expect(await bodyOf(response)).toEqual({ note: 'tea', userId: null });
      }
      expect(new Set(tabs.map(({ jar }) => jar.header)).size).toBe(10);
      expect(await redis.client.pttl(await oldKey())).toBeLessThanOrEqual(30_000);
    }));

  it('KNOWN LIMIT: the old cookie of a signed-in session, planted, signs in as its owner', () =>
    withSite(async (comes) => {
      const former = await formerVisitor(undefined, 'mallory');
      const [attacker, victim] = [comes(former), comes(former)];
      expect(await bodyOf(await victim.get('private'))).toEqual({ userId: 'mallory' });
      await attacker.get('private');
      expect(attacker.jar.header).toBe(victim.jar.header);
      // A sign-in of the victim is theirs alone.
      await victim.post('sign-in?user=alice');
      expect((await attacker.get('private')).status).toBe(401);
    }));

  describe('what it costs', () => {
    it('is four commands once, and then what it always costs', () =>
      withSite(async (comes) => {
        // The server learns the scripts.
        const warm = comes(await formerVisitor(undefined, 'bob'));
        await warm.get('private');
        await warm.post('count');
        await redis.client.del(await oldKey());
        const visitor = comes(await formerVisitor(undefined, 'alice'));
        const first = await namesOf(() => visitor.get('private'));
        expect(first).toEqual(['evalsha', 'evalsha', 'hgetall', 'expire']);
        expect(await namesOf(() => visitor.get('private'))).toEqual(['hgetall']);
        expect(await namesOf(() => visitor.post('count'))).toEqual(['hgetall', 'evalsha']);
      }));

    it('is nothing for a page that does not ask, and for visitors who never were at the old site', () =>
      withSite(async (comes, site) => {
        const former = await formerVisitor(undefined, 'alice');
        const visitor = comes(former);
        expect(await namesOf(() => visitor.get('public'))).toEqual([]);
        expect(visitor.jar.cookies.has('connect.sid')).toBe(true);
        expect(await redis.client.pttl(await oldKey())).toBeGreaterThan(60_000);
        expect(await namesOf(() => new Visitor(site).get('read'))).toEqual([]);
      }));

    it.each<[string, (cookie: string) => string]>([
      ['with another signature', (cookie) => `${cookie.slice(0, -4)}AAAA`],
      ['with another id', (cookie) => cookie.replace('s%3A', 's%3Ax')],
      ['without a signature', (cookie) => cookie.split('.')[0]!],
      ['with an empty one', (cookie) => `${cookie.split('.')[0]}.`],
      ['that is not signed at all', (cookie) => cookie.slice(4)],
      ['without an id', () => 's%3A.AAAA'],
      ['of nothing but a prefix', () => 's%3A'],
      ['with broken escapes', () => 's:%E0%A4%A.%'],
      ['that is very long', (cookie) => `${cookie}${'A'.repeat(8000)}`],
    ])('is nothing for an old cookie %s, whose visitor is a stranger', (_, forge) =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        former.jar.cookies.set('connect.sid', forge(former.jar.cookies.get('connect.sid')!));
        const visitor = comes(former);
        expect(await namesOf(() => visitor.get('private'))).toEqual([]);
        expect((await visitor.get('private')).status).toBe(401);
        expect(await redis.client.pttl(await oldKey())).toBeGreaterThan(60_000);
      }),
    );
  });

  it.each([
    ['the secret of now', ['keyboard cat', 'older']],
    ['one that was rotated', ['newest', 'newer', 'keyboard cat']],
  ])('a cookie counts that was signed with %s, and with no other', (_, secret) =>
    withSite(
      async (comes) => {
        const right = await formerVisitor(await oldSite({ secret: 'keyboard cat' }), 'alice');
        const wrong = await formerVisitor(await oldSite({ secret: 'guessed' }), 'bob');
        expect((await comes(right).get('private')).status).toBe(200);
        expect((await comes(wrong).get('private')).status).toBe(401);
      },
      { secret },
    ),
  );

  it('other names, prefixes, paths and domains are those of the old site', () =>
    withSite(
      async (comes) => {
        const site = await oldSite({ name: 'sid' }, { prefix: 'shop:' });
        const response = await comes(await formerVisitor(site, 'alice')).get('private');
        expect(response.status).toBe(200);
        expect(response.headers.getSetCookie()[0]).toMatch(
          /^sid=; Max-Age=0; .*Path=\/shop; Domain=example\.com; HttpOnly; Secure; SameSite=None$/,
        );
      },
      {
        prefix: 'shop:',
        cookie: {
          name: 'sid',
          path: '/shop',
          domain: 'example.com',
          secure: true,
          sameSite: 'none',
        },
      },
    ));

  describe('an old session whose time', () => {
    const past = new Date(Date.now() - 1000).toISOString();
    const expireCookie = () =>
      alter((old) => ({ ...old, cookie: { ...(old['cookie'] as object), expires: past } }));

    it('is over in Redis is not there', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        await redis.client.del(await oldKey());
        const visitor = comes(former);
        await visitor.get('private');
        expect(await namesOf(() => visitor.get('private'))).toEqual(['evalsha']);
        expect((await visitor.get('private')).status).toBe(401);
      }));

    it('was slid by reading is there, whatever moment it was written with', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        await expireCookie();
        expect((await comes(former).get('private')).status).toBe(200);
      }));

    it('never ends in Redis ends with the moment that it was written with', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(await oldSite({}, { disableTTL: true }), 'alice');
        await expireCookie();
        expect((await comes(former).get('private')).status).toBe(401);
      }));
  });

  describe('signing out', () => {
    it('is not undone by the old cookie, which still comes with a request that was on its way', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        const visitor = comes(former);
        await visitor.get('private');
        await visitor.post('sign-out');
        const late = await comes(former).get('private');
        expect(await bodyOf(late)).toMatchObject({ code: 'SESSION_SIGNED_OUT' });
        expect(await redis.client.keys('sess:*')).toEqual([]);
        expect(await ourKeys()).toEqual([]);
      }));

    it('ends an old session that comes with the request, and takes both cookies', () =>
      withSite(async (comes, site) => {
        const visitor = new Visitor(site);
        await visitor.post('sign-in?user=alice');
        // An instance of the old site has signed them in again, beside ours.
        const former = await formerVisitor(undefined, 'alice');
        visitor.jar.cookies.set('connect.sid', former.jar.cookies.get('connect.sid')!);
        expect((await visitor.post('sign-out')).status).toBe(201);
        expect([...visitor.jar.cookies]).toEqual([]);
        expect(await redis.client.keys('sess:*')).toEqual([]);
        expect((await comes(former).get('private')).status).toBe(401);
      }));

    it('everywhere refuses old sessions that come later, and ends them', () =>
      withSite(async (comes, site) => {
        const former = await formerVisitor(undefined, 'alice');
        await new Visitor(site).delete('users/alice');
        const visitor = comes(former);
        const refused = await visitor.get('private');
        expect(refused.status).toBe(401);
        expect([...visitor.jar.cookies]).toEqual([]);
        expect(await redis.client.keys('sess:*')).toEqual([]);
        expect(await ourKeys()).toEqual([]);
      }));

    it.each([
      ['one that was written after it', undefined, 401],
      ['one that tells of a sign-in before it', -90_000, 401],
      ['none that tells of a later sign-in', -30_000, 200],
    ])('everywhere, a minute ago, refuses %s', (_, signedInAt, status) =>
      withSite(
        async (comes, site) => {
          await new Visitor(site).delete('users/alice');
          const [epoch] = await redis.client.keys('session-epoch:*');
          await redis.client.set(epoch!, Number(await redis.client.get(epoch!)) - 60_000);
          const former = await formerVisitor(undefined, 'alice');
          await alter((old) => ({ ...old, signedInAt: signedInAt && Date.now() + signedInAt }));
          expect((await comes(former).get('private')).status).toBe(status);
        },
        { authenticatedAt: (old) => old.signedInAt },
      ),
    );

    it('everywhere ends a session that has gone over', () =>
      withSite(async (comes, site) => {
        const visitor = comes(await formerVisitor(undefined, 'alice'));
        await visitor.get('private');
        expect(await bodyOf(await new Visitor(site).delete('users/alice'))).toEqual({ ended: 1 });
        expect((await visitor.get('private')).status).toBe(401);
      }));
  });

  describe('many requests with the old cookie', () => {
    it('at once begin one session, and all that they write is kept', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        const tabs = Array.from({ length: 20 }, () => comes(former));
        const responses = await Promise.all(tabs.map((tab) => tab.post('count')));
        expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([201]));
        expect(new Set(tabs.map(({ jar }) => jar.header)).size).toBe(1);
        const [key, ...others] = await ourKeys();
        expect(others).toEqual([]);
        expect(await redis.client.hget(key!, 'count')).toBe('21');
      }));

    it('after an answer that was lost lead to the session that has begun', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        await comes(former).post('write', { note: 'mug' });
        const again = comes(former);
        expect(await bodyOf(await again.get('read'))).toEqual({ note: 'mug', userId: 'alice' });
        expect(await bodyOf(await again.get('read'))).toEqual({ note: 'mug', userId: 'alice' });
        expect(await ourKeys()).toHaveLength(1);
      }));
  });

  describe('while Redis does not answer', () => {
    it.each<['old' | 'new']>([['old'], ['new']])(
      'for the %s sessions, the answer is 503, and the old session is kept',
      async (away) => {
        const proxy = await FaultProxy.to(redis.url);
        defer(() => proxy.close());
        const urls = away === 'old' ? [proxy.url, redis.url] : [redis.url, proxy.url];
        await withSite(
          async (comes) => {
            const visitor = comes(await formerVisitor(undefined, 'alice'));
            proxy.refuseConnections();
            const refused = await visitor.get('private');
            expect(refused.status).toBe(503);
            expect(await bodyOf(refused)).toMatchObject({ code: 'SESSION_STORE' });
            expect(refused.headers.getSetCookie()).toEqual([]);
            expect(await bodyOf(await visitor.get('optional'))).toEqual({ isUnavailable: true });
            expect(await redis.client.pttl(await oldKey())).toBeGreaterThan(60_000);
            proxy.behave();
            const isBack = async () => (await visitor.get('private')).status === 200;
            await eventually('Redis is asked again', isBack);
          },
          { redis: urls[0]!, storeTimeoutMs: 200 },
          { redis: urls[1]!, storeTimeoutMs: 200 },
        );
      },
    );
  });

  describe('what cannot be taken over', () => {
    it.each<[string, (key: string) => Promise<unknown>]>([
      ['is no JSON', (key) => redis.client.set(key, '{"cookie":{},', 'KEEPTTL')],
      ['is null', (key) => redis.client.set(key, 'null', 'KEEPTTL')],
      ['is a list', (key) => redis.client.set(key, '[{"cookie":{}}]', 'KEEPTTL')],
      ['has no cookie', (key) => redis.client.set(key, '{"passport":{"user":"eve"}}', 'KEEPTTL')],
      ['is no text', (key) => redis.client.multi().del(key).hset(key, 'a', 'b').exec()],
      ['is huge', (key) => redis.client.append(key, ' '.repeat(1_048_576))],
    ])('because it %s leaves a stranger and a warning that tells nothing of it', (_, spoil) =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        await spoil(await oldKey());
        expect((await comes(former).get('private')).status).toBe(401);
        expect(await oldKey()).toBeDefined();
        expect(log.lines).toEqual([expect.stringMatching(/^What is under the key of an old/)]);
        expect(log.lines[0]).not.toMatch(/alice|eve|tea|sess:/);
      }),
    );

    it('of its fields is left out with a warning, and the rest goes along', () =>
      withSite(async (comes) => {
        const former = await formerVisitor(undefined, 'alice');
        await alter(
          (old) =>
            JSON.parse(
              `{"__proto__": {"isAdmin": true}, "constructor": 1, "~user": "\\"eve\\"", "": 1, "big": "${'x'.repeat(70_000)}",
                "inner": {"__proto__": {}}, ${JSON.stringify(old).slice(1)}`,
            ) as object,
        );
        const visitor = comes(former);
        expect(await bodyOf(await visitor.get('fields'))).toEqual(['count', 'lines', 'note']);
        expect(await bodyOf(await visitor.get('private'))).toEqual({ userId: 'alice' });
        expect(log.lines).toEqual([
          expect.stringMatching(/adopted without 6 of its fields.*"~user"/),
        ]);
        expect(log.lines[0]).not.toContain('xxx');
      }));

    it('is more than a session may hold: what comes first is kept', () =>
      withSite(
        async (comes) => {
          const former = await formerVisitor(undefined, 'alice');
          await alter((old) => ({ ...old, more: 'x'.repeat(500) }));
          const fields = await bodyOf(await comes(former).get('fields'));
          expect(fields).toEqual(['count', 'lines', 'note']);
        },
        {},
        { maxSessionBytes: 400 },
      ));

    it.each([[7], [''], [null], ['x'.repeat(513)]])(
      'is the user id %j: its visitor is anonymous and can sign in, and the log says what to change',
      (wrong) =>
        withSite(
          async (comes) => {
            const former = await formerVisitor(undefined, 'alice');
            const visitor = comes(former);
            expect((await visitor.get('private')).status).toBe(401);
            expect(await redis.client.pttl(await oldKey())).toBeGreaterThan(60_000);
            expect(log.lines).toEqual([expect.stringMatching(/was not adopted: its user id is/)]);
            expect((await visitor.post('sign-in?user=alice')).status).toBe(201);
            expect((await visitor.get('private')).status).toBe(200);
          },
          { userId: () => wrong as string },
        ),
    );

    it('is one session more than the user may have: they are a stranger, and the old one stays', () =>
      withSite(
        async (comes, site) => {
          await new Visitor(site).post('sign-in?user=alice');
          const visitor = comes(await formerVisitor(undefined, 'alice'));
          expect((await visitor.get('private')).status).toBe(401);
          expect(visitor.jar.cookies.has('connect.sid')).toBe(true);
          expect(await redis.client.pttl(await oldKey())).toBeGreaterThan(60_000);
        },
        {},
        { maxSessionsPerUser: { limit: 1, whenReached: 'refuse' } },
      ));
  });

  describe('an old cookie with the name of ours', () => {
    const cookies: [
      string,
      Partial<SessionOptions>['cookie'],
      Partial<SessionOptions>['cookie'],
    ][] = [
      ['and nothing else said', {}, {}],
      ['and the same path', { path: '/' }, {}],
      [
        'and the same domain, written otherwise',
        { domain: '.Example.com' },
        { domain: 'example.com' },
      ],
    ];
    it.each(cookies)('is replaced, and not cleared: %s', async (_, theirs, ours) =>
      withSite(
        async (comes) => {
          const visitor = comes(await formerVisitor(await oldSite({ name: 'sid' }), 'alice'));
          const first = await visitor.get('private');
          expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^sid=[\w-]{43};/)]);
          expect(await bodyOf(await visitor.get('private'))).toEqual({ userId: 'alice' });
          const last = await visitor.post('sign-out');
          expect(last.headers.getSetCookie()).toEqual([expect.stringMatching(/^sid=; Max-Age=0/)]);
          expect((await visitor.get('private')).status).toBe(401);
        },
        { cookie: { name: 'sid', ...theirs } },
        { cookie: { name: 'sid', ...ours } },
      ),
    );

    it('is replaced by the token of the request that signs in as well', () =>
      withSite(
        async (comes) => {
          const visitor = comes(await formerVisitor(await oldSite({ name: 'sid' })));
          const first = await visitor.post('sign-in?user=alice');
          expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^sid=[\w-]{43};/)]);
          expect(await bodyOf(await visitor.get('private'))).toEqual({ userId: 'alice' });
          expect(await bodyOf(await visitor.get('read'))).toMatchObject({ note: 'tea' });
        },
        { cookie: { name: 'sid' } },
        { cookie: { name: 'sid' } },
      ));

    it('is over with a sign-out in the request that brings it', () =>
      withSite(
        async (comes) => {
          const visitor = comes(await formerVisitor(await oldSite({ name: 'sid' }), 'alice'));
          const last = await visitor.post('sign-out');
          expect(last.headers.getSetCookie()).toEqual([expect.stringMatching(/^sid=; Max-Age=0/)]);
          expect((await visitor.get('private')).status).toBe(401);
        },
        { cookie: { name: 'sid' } },
        { cookie: { name: 'sid' } },
      ));

    it.each([
      ['path', { path: '/shop' }, /Path=\/shop/],
      ['domain', { domain: 'example.com' }, /Domain=example\.com/],
    ] as const)('and another %s is cleared first', (_, theirs, scope) =>
      withSite(
        async (comes) => {
          const visitor = comes(await formerVisitor(await oldSite({ name: 'sid' }), 'alice'));
          const [clearing, setting, ...rest] = (
            await visitor.get('private')
          ).headers.getSetCookie();
          expect(clearing).toMatch(/^sid=; Max-Age=0/);
          expect(clearing).toMatch(scope);
          expect(setting).toMatch(/^sid=[\w-]{43};/);
          expect(rest).toEqual([]);
          expect(await bodyOf(await visitor.get('private'))).toEqual({ userId: 'alice' });
        },
        { cookie: { name: 'sid', ...theirs } },
        { cookie: { name: 'sid' } },
      ),
    );

    it('is cleared where ours is a header', () =>
      withSite(
        async (comes) => {
          const visitor = comes(await formerVisitor(await oldSite({ name: 'sid' }), 'alice'));
          const first = await visitor.get('private');
          expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^sid=; Max-Age=0/)]);
          expect(first.headers.get('x-session-token')).toMatch(/^[\w-]{43}$/);
        },
        { cookie: { name: 'sid' } },
        { cookie: { name: 'sid' }, token: 'header' },
      ));
  });

  it('a client without cookies of ours gets the token in a header', () =>
    withSite(
      async (comes) => {
        const response = await comes(await formerVisitor(undefined, 'alice')).get('private');
        expect(response.headers.get('x-session-token')).toMatch(/^[\w-]{43}$/);
        expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^connect\.sid=;/)]);
        expect(response.headers.get('vary')).toBe('X-Session-Token, Cookie');
      },
      {},
      { token: 'header' },
    ));

  it('a session of ours that ended is not begun anew with an old one', () =>
    withSite(async (comes, site) => {
      const visitor = new Visitor(site);
      await visitor.post('sign-in?user=alice');
      const token = visitor.jar.cookies.get('id')!;
      await visitor.post('sign-out');
      const both = comes(await formerVisitor(undefined, 'alice'));
      both.jar.cookies.set('id', token);
      expect(await bodyOf(await both.get('private'))).toMatchObject({ code: 'SESSION_SIGNED_OUT' });
      expect(await redis.client.pttl(await oldKey())).toBeGreaterThan(60_000);
    }));

  it('a token takes the secret of the old cookie to make, and not only what Redis holds', async () => {
    await redis.client.set('sess:abc', JSON.stringify({ cookie: {} }), 'EX', 600);
    const find = async (secret: string) => {
      const source = connectRedisSessions({ redis: redis.url, secret, userId: () => undefined });
      defer(() => source.close?.());
      const signature = createHmac('sha256', secret).update('abc').digest('base64');
      const value = encodeURIComponent(`s:abc.${signature.replace(/=+$/, '')}`);
      return source.find({ headers: { cookie: `connect.sid=${value}` } });
    };
    const [first, again, other] = [await find('one'), await find('one'), await find('two')];
    expect(first!.secret).toBe(again!.secret);
    expect(first!.secret).not.toBe(other!.secret);
  });

  it('KNOWN LIMIT: an instance of the old site does not know whoever has moved', () =>
    withSite(async (comes) => {
      const site = await oldSite();
      const visitor = comes(await formerVisitor(site, 'alice'));
      await visitor.get('private');
      const back = withCookiesOf(visitor, site);
      expect(await bodyOf(await back.get('read'))).toEqual({ note: null, userId: null });
    }));
});

describe('connectRedisSessions()', () => {
  it.each<[RegExp, object]>([
    [/secret must be/, { secret: '' }],
    [/secret must be/, { secret: [] }],
    [/secret must be/, { secret: ['right', 7] }],
    [/redis is undefined/, { redis: undefined }],
    [/adoptFrom\.cookie\.name is "a b"/, { cookie: { name: 'a b' } }],
  ])('refuses wrong options, and says so without a secret: %s', (message, wrong) => {
    const options = { redis: 'redis://localhost', secret: 'right', userId: () => undefined };
    const make = () => connectRedisSessions({ ...options, ...wrong });
    expect(make).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG' }));
    expect(make).toThrow(message);
    expect(make).not.toThrow(/right/);
  });
});
