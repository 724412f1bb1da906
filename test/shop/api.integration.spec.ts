import { describeUnless, notOurs } from '../support/obstacles.js';
import type { INestApplication } from '@nestjs/common';
import { readSettings } from '../../src/settings.js';
import { createShop, listen } from '../../src/shop.js';
import { commandsDuring, useRedis } from '../support/redis.js';
import { rawRequest } from './support/raw-request.js';
import { sessionId, sessionKey, strangeToken } from './support/tokens.js';
import { Visitor } from './support/visitor.js';

const COOKIE = /^id=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/;
const CLEARED = /^id=; Max-Age=0; /;

const STRANGE = strangeToken();
const BAD_COOKIES: [what: string, header: string][] = [
  ['that is empty', 'id='],
  ['without a value', 'id'],
  ['that is 10 kB long', `id=${'a'.repeat(10_000)}`],
  ['that is percent-encoded', `id=%00${encodeURIComponent(`"${STRANGE}"`)}`],
  ['that is broken percent-encoding', 'id=%E0%A4%A'],
  ['that is __proto__', 'id=__proto__'],
  ['that is called __proto__', `__proto__=${STRANGE}`],
  ['that is a session id', `id=${sessionId(STRANGE)}`],
  ['that is a key of Redis', `id=${sessionKey(STRANGE)}`],
  ['with one character too many', `id=${STRANGE}A`],
  ['in quotes', `id="${STRANGE}"`],
];

describe.each(['express', 'fastify'])('the API of the shop on %s', (platform) => {
  const redis = useRedis();
  let app: INestApplication;
  let url: string;
  beforeAll(async () => {
    const settings = readSettings({ REDIS_URL: redis.url, HTTP_PLATFORM: platform, PORT: '0' });
    app = await createShop(settings);
    url = await listen(app, settings);
  });
  afterAll(() => app?.close());

  const someone = () => new Visitor(url);
  // Bob's devices are counted here; Carol is everybody else.
  const signedIn = async (name = 'carol') => {
    const visitor = someone();
    expect((await visitor.signIn(name)).status).toBe(200);
    return visitor;
  };

  const expectStranger = async (cookie: string) => {
    const headers = { cookie };
    const read = await fetch(`${url}/api/session`, { headers });
    expect(read.status).toBe(200);
    expect(await read.json()).toMatchObject({ signedIn: false, fields: {} });
    const guarded = await fetch(`${url}/api/devices`, { headers });
    expect(guarded.status).toBe(401);
    await guarded.text();
    expect([read, guarded].flatMap((answer) => answer.headers.getSetCookie())).toEqual([]);
  };

  describe('sign-in', () => {
    it('answers with the user and sets a new cookie', async () => {
      const visitor = someone();
      const answer = await visitor.signIn('carol');
      expect(answer).toMatchObject({ status: 200, body: { userId: 'carol', tenant: 'globex' } });
      expect(answer.setCookies).toEqual([expect.stringMatching(COOKIE)]);
      expect((await visitor.session()).body).toMatchObject({
        signedIn: true,
        id: sessionId(visitor.token!),
        userId: 'carol',
        tenant: 'globex',
        fields: { tenant: 'globex', role: 'customer' },
      });
    });

    it('replaces the cookie of whoever signs in again, and the old one is dead', async () => {
      const visitor = await signedIn();
      const old = someone();
      old.jar.cookies.set('id', visitor.token!);
      await visitor.signIn('carol');
      expect(visitor.token).not.toBe(old.token);
      expect((await old.session()).body.signedIn).toBe(false);
      expect((await visitor.session()).body.signedIn).toBe(true);
    });

    it('lives longer for those who asked to be remembered', async () => {
      const visitor = someone();
      const account = { username: 'carol', password: 'carol-pw', remember: true };
      const { setCookies } = await visitor.send('POST', '/api/sign-in', account);
      expect(setCookies[0]).toContain('; Max-Age=2592000;');
      const days = (await visitor.session()).body.expiresInSeconds! / 86_400;
      expect(days).toBeGreaterThan(6.9);
    });

    it.each([
      ['a wrong password', { username: 'carol', password: 'bob-pw' }, 401],
      ['an unknown name', { username: 'mallory', password: 'mallory-pw' }, 401],
      ['no password', { username: 'carol' }, 400],
      ['something that is no object', ['carol', 'carol-pw'], 400],
    ])('refuses %s and sets no cookie', async (_what, body, status) => {
      const answer = await someone().send('POST', '/api/sign-in', body);
      expect(answer).toMatchObject({ status, setCookies: [] });
    });

    it('leaves the session of a guest alone when it fails', async () => {
      const guest = someone();
      await guest.view();
      const { token } = guest;
      expect((await guest.signIn('carol', 'wrong')).status).toBe(401);
      expect(guest.token).toBe(token);
      expect((await guest.session()).body).toMatchObject({ signedIn: false, views: 1 });
    });

    it('takes along the theme, the views and the cart of the guest', async () => {
      const guest = someone();
      await guest.send('PUT', '/api/theme', { theme: 'dark' });
      await guest.view();
      await guest.view();
      // The shop gives guests no cart; another application on the same sessions might.
      const cart = [{ sku: 'tea', quantity: 2 }];
      await redis.client.hset(sessionKey(guest.token!), 'cart', JSON.stringify(cart));
      await guest.signIn('carol');
      expect((await guest.session()).body).toMatchObject({
        userId: 'carol',
        theme: 'dark',
        views: 2,
        cart,
      });
    });

    it('takes nothing along from one user to another', async () => {
      const visitor = await signedIn('carol');
      await visitor.addToCart('tea', 2);
      await visitor.signIn('alice');
      expect((await visitor.session()).body).toMatchObject({ userId: 'alice', cart: [] });
    });
  });

  describe('sign-out', () => {
    it('answers 204, clears the cookie and ends the session', async () => {
      const visitor = await signedIn();
      const stolen = someone();
      stolen.jar.cookies.set('id', visitor.token!);
      const answer = await visitor.send('POST', '/api/sign-out');
      expect(answer).toMatchObject({ status: 204, body: undefined });
      expect(answer.setCookies).toEqual([expect.stringMatching(CLEARED)]);
      expect(visitor.token).toBeUndefined();
      expect((await stolen.session()).body).toMatchObject({ signedIn: false });
      expect(await redis.client.exists(sessionKey(stolen.token!))).toBe(0);
    });

    it('does not mind strangers', async () => {
      const answer = await someone().send('POST', '/api/sign-out');
      expect(answer).toMatchObject({ status: 204, setCookies: [] });
    });
  });

  describe('a stranger', () => {
    it('has a session that says so', async () => {
      const answer = await someone().session();
      expect(answer).toMatchObject({ status: 200, setCookies: [] });
      expect(answer.body).toEqual({
        signedIn: false,
        cart: [],
        views: 0,
        theme: null,
        instance: expect.stringContaining(platform),
        fields: {},
      });
    });

    it('is counted from the first view on, which begins a session', async () => {
      const stranger = someone();
      const answer = await stranger.view();
      expect(answer).toMatchObject({ status: 200, body: { views: 1 } });
      expect(answer.setCookies).toEqual([expect.stringMatching(COOKIE)]);
      expect(await stranger.view()).toMatchObject({ body: { views: 2 }, setCookies: [] });
    });
  });

  describe('the theme', () => {
    it.each(['light', 'dark'])('may be %s, also for strangers', async (theme) => {
      const stranger = someone();
      const answer = await stranger.send('PUT', '/api/theme', { theme });
      expect(answer).toMatchObject({ status: 200, body: { theme } });
      expect((await stranger.session()).body.theme).toBe(theme);
    });

    it.each([{ theme: 'pink' }, { theme: null }, {}, ['dark']])(
      'may not be %j, and that begins no session',
      async (body) => {
        const answer = await someone().send('PUT', '/api/theme', body);
        expect(answer).toMatchObject({ status: 400, setCookies: [] });
      },
    );
  });

  describe('the cart', () => {
    it.each([
      ['POST', '/api/cart', { sku: 'tea', quantity: 1 }],
      ['PUT', '/api/cart/tea', { quantity: 1 }],
      ['DELETE', '/api/cart/tea', undefined],
    ])('wants a sign-in for %s %s', async (method, path, body) => {
      const answer = await someone().send(method, path, body);
      expect(answer).toMatchObject({ status: 401, body: { code: 'SESSION_REQUIRED' } });
      expect(answer.setCookies).toEqual([]);
    });

    it('is filled, changed and emptied', async () => {
      const visitor = await signedIn();
      expect(await visitor.addToCart('tea', 1)).toMatchObject({
        status: 200,
        body: { cart: [{ sku: 'tea', quantity: 1 }] },
        setCookies: [],
      });
      await visitor.addToCart('bread', 1);
      await visitor.addToCart('tea', 2);
      expect(await visitor.send('PUT', '/api/cart/bread', { quantity: 9 })).toMatchObject({
        status: 200,
        body: {
          cart: [
            { sku: 'tea', quantity: 3 },
            { sku: 'bread', quantity: 9 },
          ],
        },
      });
      expect(await visitor.send('DELETE', '/api/cart/tea')).toMatchObject({
        status: 200,
        body: { cart: [{ sku: 'bread', quantity: 9 }] },
      });
      expect((await visitor.session()).body.cart).toEqual([{ sku: 'bread', quantity: 9 }]);
    });

    it.each([
      ['POST', '/api/cart', { sku: 'caviar', quantity: 1 }, 400],
      ['POST', '/api/cart', { sku: 'tea', quantity: 0 }, 400],
      ['POST', '/api/cart', { sku: 'tea', quantity: 1.5 }, 400],
      ['POST', '/api/cart', { sku: 'tea', quantity: 100 }, 400],
      ['PUT', '/api/cart/tea', { quantity: '2' }, 400],
      ['PUT', '/api/cart/tea', { quantity: 2 }, 404],
    ])('refuses %s %s %j with %i', async (method, path, body, status) => {
      const visitor = await signedIn();
      expect((await visitor.send(method, path, body)).status).toBe(status);
      expect((await visitor.session()).body.cart).toEqual([]);
    });

    it('loses no line when two tabs add at the same moment', async () => {
      const visitor = await signedIn();
      const skus = ['bread', 'coffee', 'tea', 'honey', 'oil'];
      await Promise.all(skus.map((sku) => visitor.addToCart(sku, 1)));
      const { cart } = (await visitor.session()).body;
      expect(cart.map(({ sku }) => sku).toSorted()).toEqual(skus.toSorted());
    });
  });

  describe('the devices', () => {
    it('are for those who are signed in', async () => {
      expect((await someone().devices()).status).toBe(401);
    });

    it('are listed, the newest first, with the one that asks marked', async () => {
      await (await signedIn('bob')).send('POST', '/api/devices/sign-out-everywhere');
      const first = await signedIn('bob');
      const second = await signedIn('bob');
      const { status, body } = await first.devices();
      expect(status).toBe(200);
      expect(body).toEqual([
        expect.objectContaining({ id: sessionId(second.token!), current: false }),
        expect.objectContaining({ id: sessionId(first.token!), current: true, agent: 'node' }),
      ]);
    });

    it('can be signed out one by one', async () => {
      const here = await signedIn('bob');
      const there = await signedIn('bob');
      const gone = await here.send('DELETE', `/api/devices/${sessionId(there.token!)}`);
      expect(gone).toMatchObject({ status: 204, setCookies: [] });
      expect(await there.devices()).toMatchObject({
        status: 401,
        body: { code: 'SESSION_REVOKED' },
        setCookies: [],
      });
      expect((await here.session()).body.signedIn).toBe(true);
    });

    it('clear the cookie when the one that asks signs itself out', async () => {
      const here = await signedIn('bob');
      const { status, setCookies } = await here.send(
        'DELETE',
        `/api/devices/${sessionId(here.token!)}`,
      );
      expect(status).toBe(204);
      expect(setCookies).toEqual([expect.stringMatching(CLEARED)]);
    });

    it('of somebody else are answered like those that do not exist', async () => {
      const carol = await signedIn('carol');
      const bob = await signedIn('bob');
      const answers = await Promise.all(
        [carol.token!, strangeToken()].map((token) =>
          bob.send('DELETE', `/api/devices/${sessionId(token)}`),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      expect(answers[0]!.body).toEqual(answers[1]!.body);
      expect((await bob.send('DELETE', '/api/devices/nonsense')).status).toBe(404);
      expect((await carol.session()).body.signedIn).toBe(true);
    });

    it('can be signed out all but one', async () => {
      const here = await signedIn('bob');
      const there = await signedIn('bob');
      const { status, body } = await here.send('POST', '/api/devices/sign-out-others');
      expect(status).toBe(200);
      expect(body).toEqual({ signedOut: expect.any(Number) });
      expect((await there.session()).body.signedIn).toBe(false);
      expect((await here.devices()).body).toHaveLength(1);
    });

    it('can be signed out everywhere', async () => {
      const here = await signedIn('bob');
      await here.send('POST', '/api/devices/sign-out-others');
      const there = await signedIn('bob');
      const answer = await here.send('POST', '/api/devices/sign-out-everywhere');
      expect(answer).toMatchObject({ status: 200, body: { signedOut: 2 } });
      expect(answer.setCookies).toEqual([expect.stringMatching(CLEARED)]);
      expect((await there.session()).body.signedIn).toBe(false);
      expect((await signedIn('bob')).token).toBeDefined();
    });
  });

  describe('what has nothing to do with sessions', () => {
    it('lists nine products', async () => {
      const { status, body } = await someone().send('GET', '/api/products');
      expect(status).toBe(200);
      expect(body).toHaveLength(9);
    });

    it('serves the page and its files', async () => {
      for (const [path, type] of [
        ['', 'text/html'],
        ['page/styles.css', 'text/css'],
      ] as const) {
        const response = await fetch(`${url}/${path}`);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toContain(type);
        expect((await response.text()).length).toBeGreaterThan(0);
      }
    });

    it('says that all is well', async () => {
      const { status, body } = await someone().send('GET', '/health');
      expect(status).toBe(200);
      expect(body).toEqual({
        status: 'ok',
        redis: { status: 'ok', latencyMs: expect.any(Number) },
      });
    });
  });

  describe('a bad cookie', () => {
    it.each(BAD_COOKIES)('%s makes a stranger', (_what, cookie) => expectStranger(cookie));

    it('that is there twice, well formed and of no session, makes a stranger', () =>
      expectStranger(`id=${STRANGE}; id=${strangeToken()}`));

    it('with a NUL is refused before the shop sees it', async () => {
      const answer = await rawRequest(url, [
        'GET /api/session HTTP/1.1',
        `Cookie: id=\0${STRANGE}`,
      ]);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).not.toMatch(/set-cookie/i);
      expect(await someone().session()).toMatchObject({ status: 200 });
    });

    it('that is well formed and nobody’s makes a stranger, and is left alone', async () => {
      const stranger = someone();
      stranger.jar.cookies.set('id', strangeToken());
      const answer = await stranger.session();
      expect(answer).toMatchObject({ status: 200, body: { signedIn: false }, setCookies: [] });
    });

    it('beside a good one of the same name does not hide it', async () => {
      const visitor = await signedIn();
      const response = await fetch(`${url}/api/session`, {
        headers: { cookie: `id=nonsense; id=${visitor.token}; id=` },
      });
      expect(await response.json()).toMatchObject({ signedIn: true });
    });
  });

  describeUnless(notOurs, 'Redis hears nothing', () => {
    it('of strangers, and has nothing of them', async () => {
      await redis.client.flushall();
      const seen = await commandsDuring(redis, async () => {
        const stranger = someone();
        for (const path of ['/api/session', '/api/products', '/nowhere'])
          await stranger.send('GET', path);
        await stranger.send('POST', '/api/sign-out');
        await stranger.addToCart('tea', 1);
        await stranger.devices();
        expect(stranger.token).toBeUndefined();
      });
      expect(seen).toEqual([]);
      expect(await redis.client.dbsize()).toBe(0);
    });

    it('of bad cookies, and has nothing of them', async () => {
      await redis.client.flushall();
      const seen = await commandsDuring(redis, async () => {
        for (const [, cookie] of BAD_COOKIES) await expectStranger(cookie);
      });
      expect(seen).toEqual([]);
      expect(await redis.client.dbsize()).toBe(0);
    });

    it('of requests for the page and the products, also of those who are signed in', async () => {
      const visitor = await signedIn();
      const seen = await commandsDuring(redis, async () => {
        await visitor.send('GET', '/api/products');
        for (const path of ['', 'page/main.js'])
          await (await visitor.jar.fetch(`${url}/${path}`)).text();
      });
      expect(seen).toEqual([]);
    });
  });
});
