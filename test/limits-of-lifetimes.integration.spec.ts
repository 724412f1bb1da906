import type { Session, SessionOptions } from 'nestjs-redis-session';
import type { SessionRecord } from '../libs/session/src/core/record.js';
import { SessionKeys } from '../libs/session/src/redis/keys.js';
import { CookieJar } from './support/browser-cookies.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { Instance } from './support/instance.js';
import { useRedis } from './support/redis.js';

const DAY = 86_400;
const LONG = { idleTimeoutSeconds: 7 * DAY, absoluteTimeoutSeconds: 30 * DAY };
const keys = new SessionKeys('');
/** Between the clock of Redis and what is known of it here, with two commands in between. */
const NEAR_MS = 5000;

describe('lifetimes', () => {
  const redis = useRedis();
  const defer = useCleanup();
  afterEach(() => redis.client.flushall());

  const open = async (options: Partial<SessionOptions>) => {
    const instance = await Instance.open({
      redis: redis.url,
      storeTimeoutMs: 10_000,
      touchIntervalSeconds: 0,
      ...options,
    });
    defer(() => instance.close());
    return instance;
  };
  const request = async <T>(
    instance: Instance,
    browser: CookieJar,
    act: (session: Session) => T,
  ): Promise<T> => {
    const exchange = instance.receive(browser);
    const result = act(await exchange.session());
    await exchange.answer();
    return result;
  };
  const signIn = async (instance: Instance, remember = false) => {
    const browser = new CookieJar();
    const id = await request(instance, browser, (session) => {
      session.signIn('ana', { remember });
      return session.id!;
    });
    return { browser, key: keys.session(id) };
  };
  const ask = (instance: Instance, browser: CookieJar) =>
    request(instance, browser, ({ userId, expiresAt }) => ({ userId, expiresAt }));
  const numberAt = async (key: string, field: string) =>
    Number(await redis.client.hget(key, field));
  const isTouched = (key: string, idleSeconds: number) =>
    eventually('the touch', async () => (await numberAt(key, '~idle')) === idleSeconds);

  const LOWERED: [name: string, remember: boolean, after: Partial<SessionOptions>][] = [
    ['lower', false, { idleTimeoutSeconds: 900, absoluteTimeoutSeconds: DAY / 2 }],
    ['those of aal3', false, { assurance: 'aal3' }],
    ['those of aal3, for one that is remembered', true, { assurance: 'aal3' }],
    [
      'lower for one that is remembered',
      true,
      { ...LONG, remember: { idleTimeoutSeconds: 900, absoluteTimeoutSeconds: DAY / 2 } },
    ],
  ];

  describe.each(LOWERED)('that are %s by now', (_, remember, after) => {
    let before: Instance;
    let now: Instance;
    let browser: CookieJar;
    let key: string;
    beforeEach(async () => {
      before = await open({ ...LONG, remember: LONG });
      now = await open(after);
      ({ browser, key } = await signIn(before, remember));
    });

    it('hold for a session of before from its next request on', async () => {
      expect(await redis.client.pttl(key)).toBeGreaterThan(6 * DAY * 1000);
      const { userId, expiresAt } = await ask(now, browser);
      expect(userId).toBe('ana');
      await isTouched(key, 900);
      expect(await redis.client.pttl(key)).toBeLessThanOrEqual(900_000);
      const lifeMs = (await numberAt(key, '~until')) - (await numberAt(key, '~created'));
      expect(lifeMs).toBeLessThanOrEqual((DAY / 2) * 1000);
      expect(
        Math.abs(expiresAt!.getTime() - (await numberAt(key, '~seen')) - 900_000),
      ).toBeLessThan(NEAR_MS);
      // Another instance that still has the longer ones does not give them back.
      await ask(before, browser);
      expect(await numberAt(key, '~idle')).toBe(900);
    });

    it('end a session that was left alone for longer', async () => {
      await redis.client.hincrby(key, '~seen', -1000 * 1000);
      expect(await ask(now, browser)).toEqual({ userId: undefined, expiresAt: undefined });
      expect(await redis.client.exists(key)).toBe(0);
    });

    it('end a session that is older', async () => {
      for (const field of ['~created', '~auth', '~seen']) {
        await redis.client.hincrby(key, field, -DAY * 1000);
      }
      await redis.client.hset(key, '~seen', Date.now());
      expect(await ask(now, browser)).toEqual({ userId: undefined, expiresAt: undefined });
      expect(await redis.client.exists(key)).toBe(0);
    });

    it('end no session in use while memory is full, when nothing can be noted', async () => {
      await ask(now, browser);
      await isTouched(key, 900);
      // As if the touches since could only slide the time to live.
      await redis.client.hset(key, '~idle', 7 * DAY, '~seen', Date.now() - 1000 * 1000);
      expect(await ask(now, browser)).toMatchObject({ userId: 'ana' });
      expect(await redis.client.exists(key)).toBe(1);
    });
  });

  it('that are longer by now leave a session what it was promised', async () => {
    const before = await open({ idleTimeoutSeconds: 900 });
    const { browser, key } = await signIn(before);
    const until = await numberAt(key, '~until');
    await ask(await open({ ...LONG, remember: LONG }), browser);
    expect(await numberAt(key, '~idle')).toBe(900);
    expect(await numberAt(key, '~until')).toBe(until);
  });

  it('that confirm a user count from then, also where the session is older', async () => {
    const site = await open({ idleTimeoutSeconds: 900 });
    const { browser, key } = await signIn(site);
    await redis.client.hincrby(key, '~created', -DAY * 1000);
    await request(site, browser, (session) => session.reauthenticated());
    expect(await ask(site, browser)).toMatchObject({ userId: 'ana' });
  });

  const ACTS: [name: string, act: (session: Session) => void][] = [
    ['reads', () => undefined],
    ['writes', (session) => session.set('note' as never, 'x' as never)],
    ['gets a new token', (session) => session.renew()],
    ['confirms its user', (session) => session.reauthenticated()],
    ['is signed in to again', (session) => session.signIn('ana')],
    ['is signed in to, remembered', (session) => session.signIn('ana', { remember: true })],
    ['is signed in to by another user', (session) => session.signIn('bob')],
  ];
  it.each(ACTS)('are told right in a request whose session %s', async (_, act) => {
    for (const touchIntervalSeconds of [0, 30]) {
      const site = await open({ idleTimeoutSeconds: 900, touchIntervalSeconds });
      for (const age of [0, 600]) {
        const { browser, key } = await signIn(site);
        // As if that had been some minutes ago.
        for (const field of ['~seen', '~created', '~auth']) {
          await redis.client.hincrby(key, field, -age * 1000);
        }
        await redis.client.pexpire(key, (900 + touchIntervalSeconds - age) * 1000);
        const told = await request(site, browser, (session) => {
          act(session);
          const { id, expiresAt, createdAt, authenticatedAt } = session;
          return { id: id!, expiresAt, createdAt, authenticatedAt };
        });
        const isKept = async () => {
          const endsAt = Date.now() + (await redis.client.pttl(keys.session(told.id)));
          return Math.abs(endsAt - told.expiresAt!.getTime()) < NEAR_MS;
        };
        await eventually('the touch beside the handler', isKept);
        const record: SessionRecord = (await site.repository.read(told.id))!;
        expect(Math.abs(record.createdAt - told.createdAt!.getTime())).toBeLessThan(NEAR_MS);
        const difference = record.authenticatedAt! - told.authenticatedAt!.getTime();
        expect(Math.abs(difference)).toBeLessThan(NEAR_MS);
      }
    }
  });

  it('are known to the request that signs a stranger in, and to none that has signed out', async () => {
    const site = await open({ idleTimeoutSeconds: 900 });
    const browser = new CookieJar();
    const ends = await request(site, browser, (session) => {
      const before = session.expiresAt;
      session.signIn('ana');
      return [before, session.expiresAt!.getTime() - Date.now(), session.createdAt];
    });
    expect(ends).toEqual([undefined, expect.closeTo(900_000, -4), expect.any(Date)]);
    const after = await request(site, browser, (session) => {
      session.destroy();
      return session.expiresAt;
    });
    expect(after).toBeUndefined();
  });

  it('of a sign-in after a sign-out everywhere in the same request need to be spared, as the error says', async () => {
    const site = await open({});
    const browser = new CookieJar();
    const session = site.sessionOf();
    await site.service.revokeAllOfUser('ana');
    session.signIn('ana');
    await expect(site.save(session)).rejects.toMatchObject({
      code: 'SESSION_GONE',
      message: expect.stringContaining('{ except: session }'),
    });
    const exchange = site.receive(browser);
    const spared = await exchange.session();
    await site.service.revokeAllOfUser('ana', { except: spared });
    spared.signIn('ana');
    await exchange.answer();
    expect(await ask(site, browser)).toMatchObject({ userId: 'ana' });
  });
});
