import { Cookie, type SessionData, type Store } from 'express-session';
import { RedisSessionStore } from 'nestjs-redis-session/express-session';
import { SessionError } from 'nestjs-redis-session';
import { eventually } from './support/eventually.js';
import { FaultProxy } from './support/fault-proxy.js';
import { assertSoundKeyspace } from './support/keyspace-oracle.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { useStopwatch } from './support/stopwatch.js';
import { startStoreSite, type StoreSite, storeOf } from './support/store-site.js';
import { Visitor } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

const redis = useRedis();
const sites: StoreSite[] = [];
beforeEach(() => redis.client.flushall());
afterEach(() => Promise.all(sites.splice(0).map((site) => site.stop())));

const siteWith = async (options: object = {}, storeOptions: object = {}) => {
  const site = await startStoreSite(storeOf({ redis: redis.url, ...storeOptions }), options);
  sites.push(site);
  return site;
};
const bodyOf = async (response: Response) => (await response.json()) as Record<string, unknown>;
/** Until the answer is whole: express-session lets its head go before it saves. */
const visit = async (visitor: Visitor, page: string) => {
  const response = await visitor.get(page);
  await response.clone().text();
  return response;
};
const sessionKey = async () => (await redis.client.keys('session:*'))[0]!;
const namesOf = async (act: () => Promise<unknown>) =>
  (await commandsDuring(redis, act)).map(([name]) => name!.toLowerCase());

/** A store without a site. */
const withStore = async (
  act: (store: RedisSessionStore<SessionData>) => Promise<void>,
  options: object = {},
) => {
  const store = storeOf({ redis: redis.url, ...options });
  try {
    await act(store);
  } finally {
    await store.close();
  }
};
const data = (fields: object = {}, maxAge: number | null = 60_000) => {
  const cookie = new Cookie();
  cookie.maxAge = maxAge as number;
  return { ...fields, cookie } as unknown as SessionData;
};
const stranger = expect.objectContaining({ sid: expect.any(String) }) as unknown;

describe('a store for express-session', () => {
  it('is one to the compiler, too', () =>
    withStore(async (store) => {
      const asTheirs: Store = store;
      expect(asTheirs).toBe(store);
      expect(await store.get('nobody')).toBeNull();
    }));

  it('gives back what was set, as JSON has it', () =>
    withStore(async (store) => {
      const at = new Date(1_700_000_000_000);
      const cookie = { originalMaxAge: null, httpOnly: true };
      const kept = { text: 'ä"', list: [1, null, { a: [] }], no: false, nothing: null };
      const dropped = { undef: undefined, act: () => 1, [Symbol('s')]: 1 };
      await store.set('sid', { ...kept, ...dropped, at, cookie } as unknown as SessionData);
      expect(await store.get('sid')).toEqual({ ...kept, at: at.toISOString(), cookie });
      expect(await redis.client.hgetall(await sessionKey())).toMatchObject({
        text: '"ä\\""',
        list: '[1,null,{"a":[]}]',
        at: '"2023-11-14T22:13:20.000Z"',
        '~v': '1',
      });
    }));

  it('answers by callbacks, outside of any promise, and by promises', () =>
    withStore(async (store) => {
      const calls = await new Promise<unknown[]>((resolve, reject) => {
        store.set('sid', data({ a: 1 }), (failed) => {
          store.get('sid', (error, found: SessionData) => {
            store.length((_error, length) => resolve([failed, error, found['a'], length]));
          });
        });
        setTimeout(reject, 10_000).unref();
      });
      expect(calls).toEqual([null, null, 1, 1]);
      expect(store.destroy('sid', () => undefined)).toBeUndefined();
      await expect(store.destroy('sid')).resolves.toBeUndefined();
    }));

  it('takes the place of what is there when a whole session is handed in that was not read', () =>
    withStore(async (store) => {
      await store.set('sid', data({ a: 1, b: 2 }));
      await store.set('sid', data({ b: 3, c: 4 }));
      expect(await store.get('sid')).toMatchObject({ b: 3, c: 4 });
      expect(await store.get('sid')).not.toHaveProperty('a');
    }));

  it.each([
    ['an id with a colon, a blank and letters of all the world', 'usér:{1}: ☕'],
    ['a short one', '1'],
    ['one as long as a cookie', 'x'.repeat(4096)],
    ['one that looks like a public id of the library', 'A'.repeat(32)],
  ])('keeps %s to itself: Redis sees a digest of it', async (_, sid) => {
    const seen = await commandsDuring(redis, () =>
      withStore(async (store) => {
        await store.set(sid, data({ a: 1 }));
        expect(await store.get(sid)).toMatchObject({ a: 1 });
        expect(store.idOf(sid)).toMatch(/^[\w-]{32}$/);
        expect(await store.ids()).toEqual([store.idOf(sid)]);
        expect(await store.get(store.idOf(sid))).toBeNull();
      }),
    );
    const texts = seen.flat().filter((text) => sid.length > 1 && text.includes(sid));
    expect(texts).toEqual([]);
  });

  it.each([
    ['an empty one', ''],
    ['one that no cookie holds', 'x'.repeat(4097)],
    ['half a letter', '\ud800'],
    ['a number', 7],
    ['none', undefined],
  ])('refuses %s as an id', (_, sid) =>
    withStore(async (store) => {
      const error = await store.set(sid as string, data()).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(SessionError);
      expect(error).toMatchObject({ code: 'SESSION_STATE' });
    }),
  );

  it.each<[string, object, string]>([
    ['a bigint', { a: 1n }, 'SESSION_FORMAT'],
    ['a name of the library', { '~user': 'alice' }, 'SESSION_FORMAT'],
    ['more than a megabyte', { a: 'x'.repeat(1_048_577) }, 'SESSION_TOO_LARGE'],
    [
      'more than ten thousand properties',
      Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`p${i}`, 1])),
      'SESSION_TOO_LARGE',
    ],
  ])('refuses %s, and keeps what it had', (_, fields, code) =>
    withStore(async (store) => {
      await store.set('sid', data({ kept: 1 }));
      await expect(store.set('sid', data(fields))).rejects.toMatchObject({
        code,
      });
      expect(await store.get('sid')).toMatchObject({ kept: 1 });
    }),
  );

  it('leaves out a property that something else wrote and that is no JSON, and does not touch it', () =>
    withStore(async (store) => {
      await store.set('sid', data({ kept: 1, cart: ['tea'] }));
      const [key] = await redis.client.keys('session:*');
      await redis.client.hset(key!, 'cart', 'tea, mug');
      const read = (await store.get('sid'))!;
      expect(read).toMatchObject({ kept: 1 });
      expect(read).not.toHaveProperty('cart');
      expect(await store.all()).toHaveLength(1);
      Object.assign(read, { kept: 2 });
      await store.set('sid', read);
      expect(await redis.client.hmget(key!, 'kept', 'cart')).toEqual(['2', 'tea, mug']);
      await store.set('sid', { ...read, cart: ['mug'] } as never);
      expect(await redis.client.hget(key!, 'cart')).toBe('["mug"]');
    }));

  it('says at the start what is wrong with an option', () => {
    for (const wrong of [
      { ttlSeconds: 0 },
      { userId: 'alice' },
      { keyPrefix: '{' },
      { redis: 1 },
    ]) {
      const make = () => new RedisSessionStore({ redis: redis.url, ...wrong } as never);
      expect(make).toThrow(expect.objectContaining({ code: 'SESSION_CONFIG' }) as Error);
    }
  });
});

describe('how long a session lives', () => {
  const ttl = async () => redis.client.pttl(await sessionKey());

  it('is what its cookie says, and a 60th longer, or a minute, at most', () =>
    withStore(async (store) => {
      await store.set('sid', data({}, 60_000));
      expect(await ttl()).toBeGreaterThan(59_000);
      expect(await ttl()).toBeLessThanOrEqual(61_000);
      await store.clear();
      await store.set('other', data({}, 10 * 86_400_000));
      expect(await ttl()).toBeGreaterThan(10 * 86_400_000 - 1000);
      expect(await ttl()).toBeLessThanOrEqual(10 * 86_400_000 + 60_000);
    }));

  it('is a day, or ttlSeconds, where the cookie does not say; and 400 days at most', () =>
    withStore(async (store) => {
      await store.set('sid', data({}, null));
      expect(await ttl()).toBeGreaterThan(86_399_000);
      expect(await ttl()).toBeLessThanOrEqual(86_460_000);
      await store.clear();
      await withStore((other) => other.set('b', data({}, null)), { ttlSeconds: 100 });
      expect(await ttl()).toBeLessThanOrEqual(102_000);
      await store.clear();
      await store.set('long', data({}, 1e15));
      expect(await ttl()).toBeLessThanOrEqual(34_560_060_000);
    }));

  it('is over for a set whose cookie has expired', () =>
    withStore(async (store) => {
      await store.set('sid', data());
      await store.set('sid', data({}, -1));
      expect(await store.length()).toBe(0);
    }));

  it('ends by itself', () =>
    withStore(async (store) => {
      await store.set('sid', data({}, 30));
      await eventually('it has expired', async () => (await store.get('sid')) === null);
      expect(await redis.client.keys('session:*')).toEqual([]);
    }));

  it('starts anew with a touch, which writes no more often than it must and creates nothing', () =>
    withStore(async (store) => {
      await store.set('sid', data({ a: 1 }));
      const read = (await store.get('sid'))!;
      expect(await namesOf(() => store.touch('sid', read))).toEqual([]);
      const key = await sessionKey();
      await redis.client.hset(key, '~seen', Date.now() - 2000);
      await redis.client.pexpire(key, 10_000);
      const names = await namesOf(async () => store.touch('sid', (await store.get('sid'))!));
      // The server may have to learn the script.
      expect(names.filter((name) => name !== 'eval')).toEqual(['hgetall', 'evalsha']);
      expect(await ttl()).toBeGreaterThan(55_000);
      await redis.client.flushall();
      await store.touch('sid', read);
      await store.touch('other', data());
      expect(await redis.client.keys('session:*')).toEqual([]);
    }));

  it('stays as it is where touching is disabled', () =>
    withStore(
      async (store) => {
        await store.set('sid', data());
        const key = await sessionKey();
        await redis.client.hset(key, '~seen', 0);
        await redis.client.pexpire(key, 10_000);
        const read = (await store.get('sid'))!;
        expect(await namesOf(() => store.touch('sid', read))).toEqual([]);
      },
      { disableTouch: true },
    ));

  it('follows the cookie when only that has changed, which express-session does not call a change', async () => {
    const visitor = new Visitor(await siteWith());
    await visit(visitor, 'set?a=1');
    expect(await bodyOf(await visit(visitor, 'cookie?maxAge=20000'))).toBeDefined();
    await eventually('the session ends sooner', async () => (await ttl()) < 21_000);
    const { original } = (await bodyOf(await visit(visitor, 'cookie'))) as { original: number };
    // express-session reads a clock twice, which may tick in between.
    expect(original).toBeGreaterThan(19_900);
    expect(original).toBeLessThanOrEqual(20_000);
  });

  it('shows in the cookie that is read, by the clock of Redis', async () => {
    const visitor = new Visitor(await siteWith());
    await visit(visitor, 'set?a=1');
    await redis.client.hset(await sessionKey(), '~seen', Date.now(), '~until', Date.now() + 5000);
    const { maxAge } = (await bodyOf(await visit(visitor, 'cookie'))) as { maxAge: number };
    expect(maxAge).toBeGreaterThan(0);
    expect(maxAge).toBeLessThanOrEqual(5000);
  });
});

describe('what a request writes', () => {
  it('is what it changed and nothing else, in one command; and nothing if it changed nothing', async () => {
    const visitor = new Visitor(await siteWith());
    await visit(visitor, 'set?a=1&b=2&c=3');
    // The server learns the scripts.
    await visit(visitor, 'set?a=0');
    const commands = await commandsDuring(redis, () => visit(visitor, 'set?a=7&b=2'));
    expect(commands.map(([name]) => name!.toLowerCase())).toEqual(['hgetall', 'evalsha']);
    expect(commands[1]).toContain('a');
    expect(commands[1]).not.toContain('b');
    expect(commands[1]).not.toContain('cookie');
    expect(await namesOf(() => visit(visitor, 'read'))).toEqual(['hgetall']);
    await visit(visitor, 'delete?name=b');
    expect(await bodyOf(await visit(visitor, 'read'))).toEqual({
      a: 7,
      c: 3,
      sid: expect.any(String) as string,
    });
  });

  it.each([{ resave: true }, { rolling: true }, { resave: true, rolling: true }])(
    'is nothing either with %j, while the time to live is fresh',
    async (options) => {
      const visitor = new Visitor(await siteWith(options));
      await visit(visitor, 'set?a=1');
      const answers: Response[] = [];
      const names = await namesOf(async () => answers.push(await visit(visitor, 'read')));
      expect(names).toEqual(['hgetall']);
      expect(answers[0]!.headers.getSetCookie()).toHaveLength('rolling' in options ? 1 : 0);
    },
  );

  it('survives what a request beside it writes', async () => {
    const site = await siteWith();
    const visitor = new Visitor(site);
    await visit(visitor, 'set?a=1&b=1&gone=1');
    const arrived = site.barriers.arrived('slow');
    const slow = visit(visitor, 'set?at=slow&a=2');
    await arrived;
    await visit(visitor, 'set?b=2');
    await visit(visitor, 'delete?name=gone');
    site.barriers.open('slow');
    await slow;
    expect(await bodyOf(await visit(visitor, 'read'))).toMatchObject({ a: 2, b: 2 });
    expect(await bodyOf(await visit(visitor, 'read'))).not.toHaveProperty('gone');
    await assertSoundKeyspace(redis.client);
  });

  it('goes on from what it saved before: save, change, reload, save', async () => {
    const visitor = new Visitor(await siteWith());
    await visit(visitor, 'set?a=1');
    await visit(visitor, 'save');
    expect(await bodyOf(await visit(visitor, 'read'))).toMatchObject({ a: 1, saved: true });
  });

  it('is right after two saves of one session that nobody waits for', () =>
    withStore(async (store) => {
      await store.set('sid', data());
      const read = (await store.get('sid'))!;
      read['a'] = 1;
      const first = store.set('sid', read);
      delete read['a'];
      read['b'] = 2;
      await Promise.all([first, store.set('sid', read)]);
      expect(await store.get('sid')).toMatchObject({ b: 2 });
      expect(await store.get('sid')).not.toHaveProperty('a');
    }));

  it('begins no session for a visitor who has nothing to keep, and one for each with saveUninitialized', async () => {
    expect(await namesOf(async () => visit(new Visitor(await siteWith()), 'read'))).toEqual([]);
    await visit(new Visitor(await siteWith({ saveUninitialized: true })), 'read');
    expect(await redis.client.keys('session:*')).toHaveLength(1);
  });

  it("lies under a new id after regenerate(), and the old id is nobody's", async () => {
    const visitor = new Visitor(await siteWith());
    await visit(visitor, 'set?a=1');
    const { sid } = await bodyOf(await visit(visitor, 'read'));
    await visit(visitor, 'sign-in?user=alice');
    const after = await bodyOf(await visit(visitor, 'read'));
    expect(after).toMatchObject({ userId: 'alice' });
    expect(after['sid']).not.toBe(sid);
    expect(await redis.client.keys('session:*')).toHaveLength(1);
  });

  it('takes an id of your own making', async () => {
    let count = 0;
    const site = await siteWith({ genid: () => `visitor ${++count}` });
    const visitor = new Visitor(site);
    await visit(visitor, 'set?a=1');
    expect(await bodyOf(await visit(visitor, 'read'))).toEqual({ a: 1, sid: 'visitor 1' });
  });
});

describe('a session that has ended', () => {
  /** A visitor whose slow request has read the session, and what is done to it then. */
  const race = async (
    page: string,
    end: (site: StoreSite, visitor: Visitor) => Promise<unknown>,
  ) => {
    const site = await siteWith();
    const visitor = new Visitor(site);
    await visit(visitor, 'set?a=1');
    const arrived = site.barriers.arrived('slow');
    const slow = visit(visitor, `${page}at=slow`);
    await arrived;
    await end(site, visitor);
    site.barriers.open('slow');
    return { site, visitor, answer: await slow };
  };
  const signOut = (_site: StoreSite, visitor: Visitor) => visit(visitor, 'sign-out');
  const expiry = async () => {
    await redis.client.pexpire(await sessionKey(), 1);
    await eventually(
      'it has expired',
      async () => (await redis.client.keys('session:*')).length === 0,
    );
  };
  const revoke = async ({ store }: StoreSite) => store.revoke((await store.ids())[0]!);

  it.each([
    ['it was signed out of', signOut],
    ['it expired', expiry],
    ['it was revoked', revoke],
  ])(
    'is not brought back by a slow request when %s, whose error handler is told',
    async (_, end) => {
      const { site, visitor, answer } = await race('set?a=2&', end);
      // express-session has begun the answer before it saves.
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ ok: true });
      await eventually('the error is told', async () => site.errors.length === 1);
      expect(site.errors[0]).toMatchObject({ code: 'SESSION_GONE', status: 401 });
      expect(await redis.client.keys('session:*')).toEqual([]);
      expect(await bodyOf(await visit(visitor, 'read'))).toEqual(stranger);
    },
  );

  it('is told to whoever saves and waits for it, before anything is answered', async () => {
    const { answer } = await race('save?', signOut);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ code: 'SESSION_GONE' });
  });

  it('is no error for a slow request that only reads', async () => {
    const { site, answer } = await race('read?', signOut);
    expect(await bodyOf(answer)).toMatchObject({ a: 1 });
    expect(site.errors).toEqual([]);
    expect(await redis.client.keys('session:*')).toEqual([]);
  });

  it('leaves an id that nobody can begin a session under for a while', () =>
    withStore(async (store) => {
      await store.set('sid', data());
      await store.destroy('sid');
      await expect(store.set('sid', data())).rejects.toMatchObject({ code: 'SESSION_GONE' });
      expect(await store.length()).toBe(0);
    }));

  it('is gone for each further save, too', () =>
    withStore(async (store) => {
      await store.set('sid', data());
      const read = (await store.get('sid'))!;
      await store.destroy('sid');
      read['a'] = 1;
      for (let i = 0; i < 2; i++) {
        await expect(store.set('sid', read)).rejects.toMatchObject({ code: 'SESSION_GONE' });
      }
    }));
});

describe('all sessions', () => {
  it('are counted, listed, read and ended among foreign keys, without a command that blocks', async () => {
    const pipeline = redis.client.pipeline();
    for (let i = 0; i < 3000; i++) pipeline.set(`foreign:${i}`, i).set(`session:${i}`, i);
    await pipeline.exec();
    const own = storeOf({ redis: redis.url, keyPrefix: 'a*[x]:', storeTimeoutMs: 10_000 });
    defer(() => own.close());
    const other = storeOf({ redis: redis.url, keyPrefix: 'aab[x]:' });
    defer(() => other.close());
    await Promise.all(Array.from({ length: 2000 }, (_, i) => own.set(`s${i}`, data({ i }))));
    await other.set('theirs', data());
    const commands = await commandsDuring(redis, async () => {
      expect(await own.length()).toBe(2000);
      expect(new Set(await own.ids()).size).toBe(2000);
      const all = await own.all();
      expect(all.map(({ i }) => i as number).toSorted((a, b) => a - b)).toEqual([
        ...Array(2000).keys(),
      ]);
      expect(all[0]!.id).toBe(own.idOf(`s${String(all[0]!['i'])}`));
      await own.clear();
      expect(await own.length()).toBe(0);
    });
    const names = new Set(commands.map(([name]) => name!.toLowerCase()));
    expect([...names].toSorted()).toEqual(
      ['eval', 'evalsha', 'hgetall', 'scan'].filter((name) => names.has(name)),
    );
    expect(await other.length()).toBe(1);
    expect(await redis.client.exists('session:7', 'foreign:7')).toBe(2);
  });
});

describe('while Redis is away', () => {
  const STORE_TIMEOUT_MS = 300;
  const stopwatch = useStopwatch();

  it('every method fails with SESSION_STORE in time, and no session is taken for gone', async () => {
    const proxy = await FaultProxy.to(redis.url);
    defer(() => proxy.close());
    const store = storeOf({ redis: proxy.url, storeTimeoutMs: STORE_TIMEOUT_MS });
    defer(() => store.close());
    await store.set('sid', data());
    const read = (await store.get('sid'))!;
    proxy.refuseConnections();
    const cookie = Object.assign(new Cookie(), { maxAge: 1000 });
    const calls = [
      () => store.get('sid'),
      () => store.set('sid', data({ a: 1 })),
      () => store.touch('sid', { ...read, cookie } as SessionData),
      () => store.destroy('sid'),
      () => store.all(),
      () => store.length(),
      () => store.ids(),
      () => store.clear(),
      () => store.listByUser('alice'),
      () => store.revokeAllOfUser('alice'),
    ];
    for (const call of calls) {
      const lap = stopwatch.start();
      const error = await (call() as Promise<unknown>).then(
        () => undefined,
        (e: unknown) => e,
      );
      expect(lap().ownMs).toBeLessThan(STORE_TIMEOUT_MS + 100);
      expect(error).toBeInstanceOf(SessionError);
      expect(error).toMatchObject({ code: 'SESSION_STORE', status: 503 });
    }
    proxy.behave();
    await eventually('Redis is back', () => store.get('sid').then(Boolean, () => false));
  });

  it('a request is answered with 503 and keeps its cookie', async () => {
    const proxy = await FaultProxy.to(redis.url);
    defer(() => proxy.close());
    const site = await siteWith({}, { redis: proxy.url, storeTimeoutMs: STORE_TIMEOUT_MS });
    const visitor = new Visitor(site);
    await visit(visitor, 'set?a=1');
    proxy.refuseConnections();
    const answer = await visit(visitor, 'read');
    expect(answer.status).toBe(503);
    expect(answer.headers.getSetCookie()).toEqual([]);
    proxy.behave();
    await eventually('Redis is back', async () => (await visit(visitor, 'read')).status === 200);
    expect(await bodyOf(await visit(visitor, 'read'))).toMatchObject({ a: 1 });
  });

  it('a client that is made elsewhere and never comes is not waited for', () =>
    withStore(
      async (store) => {
        await expect(store.get('sid')).rejects.toMatchObject({ code: 'SESSION_STORE' });
      },
      { redis: () => new Promise(() => undefined), storeTimeoutMs: 50 },
    ));

  it('what a write that failed may have changed is written again', async () => {
    const proxy = await FaultProxy.to(redis.url);
    defer(() => proxy.close());
    const store = storeOf({ redis: proxy.url });
    defer(() => store.close());
    await store.set('sid', data({ a: 1 }));
    const read = (await store.get('sid'))!;
    read['a'] = 2;
    proxy.cutNextAnswer();
    await expect(store.set('sid', read)).rejects.toMatchObject({ code: 'SESSION_STORE' });
    read['a'] = 1;
    await eventually('Redis is back', () =>
      store.set('sid', read).then(
        () => true,
        () => false,
      ),
    );
    expect(await store.get('sid')).toMatchObject({ a: 1 });
  });
});
