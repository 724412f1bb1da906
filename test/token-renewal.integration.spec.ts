import type { SessionOptions } from 'nestjs-redis-session';
import { idOfToken } from '../libs/session/src/core/token.js';
import { PLATFORMS, startApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { assertSoundKeyspace } from './support/keyspace-oracle.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

const defer = useCleanup();

/** Longer than a request is under way, and shorter than tokens live. */
const SECONDS_LATER = 20;

describe.each(PLATFORMS)('a token that has aged, on %s', (platform) => {
  const redis = useRedis();
  beforeEach(() => redis.client.flushall());
  afterEach(() => assertSoundKeyspace(redis.client));

  const start = async (options: Partial<SessionOptions> = {}) => {
    const site = await startApp(
      platform,
      { redis: redis.url, renewIntervalSeconds: 60, ...options },
      { controllers: [VisitorController] },
    );
    defer(() => site.app.close());
    return site;
  };
  const keyOf = async () => (await redis.client.keys('session:*'))[0]!;
  /** Lets time pass for the token that the session has. */
  const pass = async (seconds: number) => {
    const key = await keyOf();
    for (const field of ['~created', '~auth', '~renewed', '~until']) {
      if (await redis.client.hexists(key, field)) {
        await redis.client.hincrby(key, field, -1000 * seconds);
      }
    }
  };
  /** A user whose token is replaced by the next request. */
  const signedInLongAgo = async (options: Partial<SessionOptions> = {}) => {
    const visitor = new Visitor(await start(options));
    await visitor.post('sign-in?user=alice');
    await visitor.post('write', { note: 'kept' });
    await pass(61);
    return visitor;
  };
  const tokenOf = (visitor: Visitor) => visitor.jar.cookies.get('id')!;
  const use = (visitor: Visitor, token: string) => void visitor.jar.cookies.set('id', token);
  const isConfirmed = () =>
    eventually(
      'the new token is confirmed',
      async () => (await redis.client.hexists(await keyOf(), '~former')) === 0,
    );
  const newTokens = (responses: Response[]) =>
    responses.flatMap(({ headers }) => headers.getSetCookie());

  it('is replaced by the request that finds it, and the session goes on', async () => {
    const visitor = await signedInLongAgo();
    const before = visitor.jar.header;
    const response = await visitor.get('read');
    expect(await response.json()).toEqual({ note: 'kept', userId: 'alice' });
    expect(visitor.jar.header).not.toBe(before);
    expect(response.headers.getSetCookie()[0]).toMatch(/Max-Age=43[12]\d\d;/);
    expect((await visitor.get('read')).headers.getSetCookie()).toEqual([]);
  });

  it('signs out no user who asks many things at once, and makes one new token', async () => {
    const visitor = await signedInLongAgo();
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => visitor.post('write', { note: `${i}` })),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
    expect(newTokens(responses)).toHaveLength(1);
    expect((await visitor.get('private')).status).toBe(200);
    expect(await redis.client.hget(await keyOf(), 'count')).toBe('21');
  });

  it('leads to the session for ten seconds, when the new one was seen, and then no longer', async () => {
    const visitor = await signedInLongAgo();
    const old = tokenOf(visitor);
    await visitor.get('read');
    const current = tokenOf(visitor);
    await visitor.get('read');
    await isConfirmed();
    use(visitor, old);
    const underWay = await visitor.get('private');
    expect([underWay.status, newTokens([underWay])]).toEqual([200, []]);
    await pass(10);
    const late = await visitor.get('private');
    expect([late.status, newTokens([late])]).toEqual([401, []]);
    expect(await late.json()).toMatchObject({ code: 'SESSION_RENEWED' });
    use(visitor, current);
    expect((await visitor.get('private')).status).toBe(200);
    // The reason is kept as long as any other.
    const [gone] = await redis.client.keys('session-gone:*');
    expect(await redis.client.pttl(gone!)).toBeLessThanOrEqual(60_000);
  });

  it.each([SECONDS_LATER, 600, 40_000])(
    'leads to the session when the answer was lost, %d seconds later, and gets a new one',
    async (seconds) => {
      const visitor = await signedInLongAgo();
      const old = tokenOf(visitor);
      await visitor.get('read');
      const lost = tokenOf(visitor);
      use(visitor, old);
      await pass(seconds);
      const response = await visitor.get('read');
      expect(await response.json()).toEqual({ note: 'kept', userId: 'alice' });
      expect(newTokens([response])).toHaveLength(1);
      const current = tokenOf(visitor);
      expect(new Set([old, lost, current]).size).toBe(3);
      await visitor.get('private');
      await isConfirmed();
      await pass(10);
      for (const token of [old, lost]) {
        use(visitor, token);
        expect((await visitor.get('private')).status).toBe(401);
      }
      use(visitor, current);
      expect((await visitor.get('private')).status).toBe(200);
    },
  );

  it('leads to the session however often the answer is lost, at once or later', async () => {
    const visitor = await signedInLongAgo();
    const old = tokenOf(visitor);
    for (let time = 0; time < 5; time++) {
      for (let request = 0; request < 3; request++) {
        use(visitor, old);
        expect((await visitor.get('private')).status).toBe(200);
      }
      await pass(SECONDS_LATER);
    }
    expect((await visitor.get('private')).status).toBe(200);
    expect(await redis.client.keys('session:*')).toHaveLength(1);
  });

  it('makes one new token for many requests that come with it after a lost answer', async () => {
    const visitor = await signedInLongAgo();
    const old = tokenOf(visitor);
    await visitor.get('read');
    use(visitor, old);
    await pass(SECONDS_LATER);
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => visitor.post('write', { note: `${i}` })),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
    expect(newTokens(responses)).toHaveLength(1);
    expect(await redis.client.hget(await keyOf(), 'count')).toBe('21');
  });

  it('is kept as long as its session, while the new one was not seen', async () => {
    const visitor = await signedInLongAgo({ idleTimeoutSeconds: 300 });
    await visitor.get('read');
    const [gone] = await redis.client.keys('session-gone:*');
    const [left, ofSession] = [
      await redis.client.pttl(gone!),
      await redis.client.pttl(await keyOf()),
    ];
    expect(left).toBeGreaterThan(299_000);
    expect(Math.abs(left - ofSession)).toBeLessThan(1000);
  });

  it.each(['sign-in?user=alice', 'sign-in?user=bob', 'renew', 'sign-out'])(
    'dies with whatever ends the session that it leads to: %s',
    async (path) => {
      const visitor = await signedInLongAgo();
      const old = tokenOf(visitor);
      await visitor.get('read');
      await visitor.post(path);
      use(visitor, old);
      expect((await visitor.get('private')).status).toBe(401);
      await redis.client.flushall();
    },
  );

  it('does not outlive a sign-out everywhere, nor a sign-out with itself', async () => {
    const visitor = await signedInLongAgo();
    const old = tokenOf(visitor);
    await visitor.get('read');
    const current = tokenOf(visitor);
    use(visitor, old);
    await visitor.post('sign-out');
    use(visitor, current);
    expect((await visitor.get('private')).status).toBe(401);

    await visitor.post('sign-in?user=alice');
    await pass(61);
    const another = tokenOf(visitor);
    await visitor.get('read');
    await visitor.delete('users/alice');
    use(visitor, another);
    expect((await visitor.get('private')).status).toBe(401);
  });

  it('leads there in a header, too', async () => {
    const { url } = await start({ token: 'header' });
    const ask = (token: string, path = 'private') =>
      fetch(`${url}/${path}`, {
        method: path === 'private' ? 'GET' : 'POST',
        headers: { 'x-session-token': token },
      });
    const tokenIn = ({ headers }: Response) => headers.get('x-session-token');
    const old = tokenIn(await ask('', 'sign-in?user=alice'))!;
    await pass(61);
    expect(tokenIn(await ask(old))).toMatch(/^[\w-]{43}$/);
    await pass(SECONDS_LATER);
    const response = await ask(old);
    expect([response.status, tokenIn(response)]).toEqual([200, expect.stringMatching(/^.{43}$/)]);
  });

  it('next to the new one is not believed, where two cookies of one session come', async () => {
    const visitor = await signedInLongAgo();
    const old = tokenOf(visitor);
    await visitor.get('read');
    const current = tokenOf(visitor);
    await pass(SECONDS_LATER);
    for (const value of [`${old}; id=${current}`, `${current}; id=${old}`]) {
      use(visitor, value);
      const response = await visitor.get('private');
      expect([response.status, newTokens([response])]).toEqual([200, []]);
    }
    await isConfirmed();
    expect(await keyOf()).toContain(idOfToken(current as never));
  });

  it('costs one command more, which is not waited for, when the new one is first seen', async () => {
    const visitor = await signedInLongAgo();
    const cost = async (act: () => Promise<unknown>) =>
      (await commandsDuring(redis, act)).map(([name]) => name!.toLowerCase());
    expect(await cost(() => visitor.get('private'))).toEqual(['hgetall', 'evalsha']);
    const confirming = async () => {
      await visitor.get('private');
      await isConfirmed();
    };
    const commands = await cost(confirming);
    expect(commands.filter((name) => name.startsWith('eval') || name === 'hgetall')).toEqual([
      'hgetall',
      expect.stringMatching(/^eval/),
    ]);
    expect(await cost(() => visitor.get('private'))).toEqual(['hgetall']);
  });
});
