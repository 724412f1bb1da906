import type { SessionOptions } from 'nestjs-redis-session';
import { createToken } from '../libs/session/src/core/token.js';
import { PLATFORMS, startApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { VisitorController } from './support/visitor.js';

const defer = useCleanup();

/** The tokens that an answer hands out, or takes back by an empty text. */
const handedOut = ({ headers }: Response) => ({
  header: headers.get('x-session-token'),
  cookie: headers.getSetCookie().map((line) => line.slice('id='.length, line.indexOf(';'))),
});

describe.each(PLATFORMS)('a token, on %s', (platform) => {
  const redis = useRedis();
  beforeEach(() => redis.client.flushall());

  const start = async (options: Partial<SessionOptions>) => {
    const controllers = [VisitorController];
    const { app, url } = await startApp(
      platform,
      { redis: redis.url, ...options },
      { controllers },
    );
    defer(() => app.close());
    return (path: string, sent: { header?: string; cookie?: string } = {}) => {
      const headers = new Headers({ 'content-type': 'application/json' });
      if (sent.header !== undefined) headers.set('x-session-token', sent.header);
      if (sent.cookie !== undefined) headers.set('cookie', `id=${sent.cookie}`);
      const isRead = /^(read|private)/.test(path);
      const init = isRead ? { headers } : { headers, method: 'POST', body: '{"note":"a"}' };
      return fetch(`${url}/${path}`, init);
    };
  };
  type Ask = Awaited<ReturnType<typeof start>>;
  const byHeader = async (ask: Ask, user: string) =>
    handedOut(await ask(`sign-in?user=${user}`, { header: '' })).header!;
  const byCookie = async (ask: Ask, user: string) =>
    handedOut(await ask(`sign-in?user=${user}`)).cookie[0]!;
  const userOf = async (response: Response) =>
    ((await response.json()) as { userId: string | null }).userId;
  const makeOld = async () => {
    for (const key of await redis.client.keys('session:*')) {
      for (const field of ['~created', '~auth', '~until']) {
        await redis.client.hincrby(key, field, -61_000);
      }
      await redis.client.hdel(key, '~renewed');
    }
  };

  it('in a header comes back in a header, and is no cookie', async () => {
    const ask = await start({ token: 'header' });
    const signedIn = await ask('sign-in?user=alice');
    const { header: token, cookie } = handedOut(signedIn);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(cookie).toEqual([]);
    expect(signedIn.headers.get('cache-control')).toBe('no-store');
    const known = await ask('private', { header: token! });
    expect(known.status).toBe(200);
    expect(known.headers.get('vary')).toBe('X-Session-Token');
    expect((await ask('private', { cookie: token! })).status).toBe(401);
    expect(handedOut(await ask('sign-out', { header: token! }))).toEqual({
      header: '',
      cookie: [],
    });
    expect((await ask('private', { header: token! })).status).toBe(401);
  });

  it('in a cookie is not looked for anywhere else', async () => {
    const ask = await start({ token: 'cookie' });
    const token = await byCookie(ask, 'alice');
    expect((await ask('private', { header: token })).status).toBe(401);
    expect((await ask(`private?id=${token}&token=${token}`)).status).toBe(401);
    expect(handedOut(await ask('sign-in?user=alice', { header: '' })).header).toBeNull();
  });

  describe('that may come either way', () => {
    it.each(['sign-in?user=alice', 'write'])(
      'begins in a cookie, unless a header asks for it: %s',
      async (path) => {
        const ask = await start({ token: 'both' });
        const page = handedOut(await ask(path));
        expect(page).toEqual({ header: null, cookie: [expect.stringMatching(/^[\w-]{43}$/)] });
        for (const header of ['', 'none', createToken()]) {
          const app = handedOut(await ask(path, { header }));
          expect(app).toEqual({ header: expect.stringMatching(/^[\w-]{43}$/), cookie: [] });
        }
      },
    );

    it.each(['renew', 'sign-in?user=alice', 'sign-in?user=bob', 'read', 'sign-out'])(
      'is answered where it came from: %s',
      async (path) => {
        const ask = await start({ token: 'both', renewIntervalSeconds: 60 });
        const sent = { header: await byHeader(ask, 'alice'), cookie: await byCookie(ask, 'alice') };
        // Then reading renews them.
        await makeOld();
        const answered = expect.stringMatching(path === 'sign-out' ? /^$/ : /^[\w-]{43}$/);
        const inHeader = await ask(path, { header: sent.header });
        expect(handedOut(inHeader)).toEqual({ header: answered, cookie: [] });
        const inCookie = await ask(path, { cookie: sent.cookie });
        expect(handedOut(inCookie)).toEqual({ header: null, cookie: [answered] });
        // No script of a page gets the cookie by asking for a header.
        if (path === 'read') await makeOld();
        const cookie = handedOut(inCookie).cookie[0]!;
        if (path === 'sign-out') return;
        const cheated = handedOut(await ask(path, { cookie, header: '' }));
        expect(cheated).toEqual({ header: null, cookie: [answered] });
      },
    );

    it('is that of the header, where the cookie has another, and each is left alone by the other', async () => {
      const ask = await start({ token: 'both' });
      for (const users of [
        ['ana', 'bob'],
        ['ana', 'ana'],
      ] as const) {
        const header = await byHeader(ask, users[0]);
        const cookie = await byCookie(ask, users[1]);
        expect(await userOf(await ask('private', { header, cookie }))).toBe(users[0]);
        const renewed = handedOut(await ask('renew', { header, cookie }));
        expect(renewed.cookie).toEqual([]);
        const signedOut = await ask('sign-out', { header: renewed.header!, cookie });
        expect(handedOut(signedOut)).toEqual({ header: '', cookie: [] });
        expect(await userOf(await ask('private', { cookie }))).toBe(users[1]);
      }
    });

    it('is that of the cookie, where that of the header is dead', async () => {
      const ask = await start({ token: 'both' });
      const ended = await byHeader(ask, 'ana');
      await ask('sign-out', { header: ended });
      const replaced = await byHeader(ask, 'ana');
      await ask('sign-in?user=ana', { header: replaced });
      let cookie = await byCookie(ask, 'bob');
      for (const header of [ended, replaced, createToken(), 'x', '']) {
        expect(await userOf(await ask('private', { header, cookie }))).toBe('bob');
        const renewed = handedOut(await ask('renew', { header, cookie }));
        expect(renewed).toEqual({ header: null, cookie: [expect.stringMatching(/^[\w-]{43}$/)] });
        cookie = renewed.cookie[0]!;
      }
      const left = handedOut(await ask('sign-out', { header: ended, cookie }));
      expect(left).toEqual({ header: null, cookie: [''] });
    });

    it('is that of the header, where that of the cookie is dead', async () => {
      const ask = await start({ token: 'both' });
      const header = await byHeader(ask, 'ana');
      const cookie = createToken();
      expect(await userOf(await ask('private', { header, cookie }))).toBe('ana');
      expect(handedOut(await ask('sign-out', { header, cookie })).cookie).toEqual([]);
      expect(await (await ask('private', { header, cookie })).json()).toMatchObject({
        code: 'SESSION_SIGNED_OUT',
      });
    });

    it('is answered both ways, where both have the same', async () => {
      const ask = await start({ token: 'both' });
      const token = await byHeader(ask, 'ana');
      const renewed = handedOut(await ask('renew', { header: token, cookie: token }));
      expect(renewed.cookie).toEqual([renewed.header]);
      expect((await ask('private', { cookie: renewed.cookie[0]! })).status).toBe(200);
    });

    it('costs one command, and of a dead header two more', async () => {
      const ask = await start({ token: 'both' });
      const [header, cookie] = [await byHeader(ask, 'ana'), await byCookie(ask, 'bob')];
      await ask('private', { header: createToken() });
      const cost = async (sent: object) =>
        (await commandsDuring(redis, () => ask('read', sent))).length;
      expect(await cost({ header })).toBe(1);
      expect(await cost({ cookie })).toBe(1);
      expect(await cost({ header, cookie })).toBe(1);
      expect(await cost({ header: createToken(), cookie })).toBe(3);
      expect(await cost({ header: 'x', cookie })).toBe(1);
      expect(await cost({})).toBe(0);
    });
  });
});
