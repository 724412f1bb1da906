import type { INestApplication } from '@nestjs/common';
import { SessionSearch, SessionService } from 'nestjs-redis-session';
import { readSettings } from '../../src/settings.js';
import { createShop, listen } from '../../src/shop.js';
import { describeWithSearch } from '../search/support/with-search.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { sessionId } from './support/tokens.js';
import { Visitor } from './support/visitor.js';

const ROUTES = [
  { method: 'GET', path: '/api/operations/tenants' },
  { method: 'GET', path: '/api/operations/sessions' },
  { method: 'GET', path: '/api/operations/recall/tea' },
  { method: 'POST', path: '/api/operations/recall/tea' },
  { method: 'POST', path: '/api/operations/sign-out-tenant', body: { tenant: 'acme' } },
];

interface People {
  readonly total: number;
  readonly sessions: readonly { id: string; userId: string; current: boolean }[];
}
interface Carts {
  readonly count: number;
  readonly sessions: readonly { id: string; userId: string; quantity: number }[];
}
type Line = { done?: number; total?: number; changed?: number; error?: unknown };

for (const platform of ['express']) {
  const redis = useRedis();
  const openShop = async (redisUrl: string) => {
    const settings = readSettings({ REDIS_URL: redisUrl, HTTP_PLATFORM: platform, PORT: '0' });
    const shop = await createShop(settings);
    return { shop, address: await listen(shop, settings) };
  };
  const signIn = async (url: string, name: string) => {
    const visitor = new Visitor(url);
    expect((await visitor.signIn(name)).status).toBe(200);
    return visitor;
  };

  describe(`the routes of the operators on ${platform}`, () => {
    let app: INestApplication;
    let url: string;
    // Where there is no Search, too: who may not ask is told so first.
    beforeAll(async () => {
      ({ shop: app, address: url } = await openShop(redis.url));
    });
    afterAll(() => app?.close());

    it.each(ROUTES)(
      'refuse strangers and customers: $method $path',
      async ({ method, path, body }) => {
        const stranger = await new Visitor(url).send(method, path, body);
        expect(stranger).toMatchObject({ status: 401, body: { code: 'SESSION_REQUIRED' } });
        const alice = await signIn(url, 'alice');
        const customer = await alice.send(method, path, body);
        expect(customer).toMatchObject({ status: 403, body: { statusCode: 403 } });
        expect((await alice.session()).body.signedIn).toBe(true);
      },
    );
  });

  // Search answers for database 0 only: there it is missing, whichever server this is.
  describe(`without Search on ${platform}`, () => {
    let app: INestApplication;
    let olga: Visitor;
    beforeAll(async () => {
      const { shop, address } = await openShop(`${redis.url}/1`);
      app = shop;
      olga = await signIn(address, 'olga');
    });
    afterAll(() => app?.close());

    it.each(ROUTES)(
      'is answered 503, with the code and in words: $method $path',
      async ({ method, path, body }) => {
        expect(await olga.send(method, path, body)).toMatchObject({
          status: 503,
          body: { code: 'SESSION_SEARCH', message: expect.stringContaining('Redis Search') },
        });
      },
    );

    it('a recall with progress is answered so, too, instead of beginning', async () => {
      const answer = await recallWithProgress(olga, 'tea');
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'SESSION_SEARCH' });
    });

    it('the rest of the shop works', async () => {
      expect((await olga.addToCart('tea', 2)).status).toBe(200);
      expect((await olga.session()).body.cart).toEqual([{ sku: 'tea', quantity: 2 }]);
      expect((await olga.devices()).status).toBe(200);
      expect((await olga.send('POST', '/api/sign-out')).status).toBe(204);
    });
  });

  describeWithSearch(`operations in the shop on ${platform}`, () => {
    let app: INestApplication;
    let url: string;
    let olga: Visitor;
    const someone = (name: string) => signIn(url, name);
    const tenants = async () =>
      (await olga.send<{ tenant: string; sessions: number }[]>('GET', '/api/operations/tenants'))
        .body;
    const carts = async (sku: string) =>
      (await olga.send<Carts>('GET', `/api/operations/recall/${sku}`)).body;
    const people = async (page = 1) =>
      (await olga.send<People>('GET', `/api/operations/sessions?page=${page}`)).body;
    const signOutTenant = (tenant: unknown) =>
      olga.send<{ revoked: number }>('POST', '/api/operations/sign-out-tenant', { tenant });

    beforeAll(async () => {
      ({ shop: app, address: url } = await openShop(redis.url));
      const search = app.get(SessionSearch);
      await eventually('the index is full', async () => (await search.status()).isComplete);
    });
    afterAll(() => app?.close());
    // Each test begins with one session, that of Olga: a reader's own Redis may know of others.
    beforeEach(async () => {
      await app.get(SessionSearch).revokeWhere({});
      olga = await someone('olga');
    });

    it('count the sessions of each tenant, most first, and no guests', async () => {
      await new Visitor(url).view();
      await Promise.all(['carol', 'carol', 'carol', 'alice'].map(someone));
      expect(await tenants()).toEqual([
        { tenant: 'globex', sessions: 3 },
        { tenant: 'acme', sessions: 2 },
      ]);
    });

    it('list who is signed in, newest first, a page at a time', async () => {
      await new Visitor(url).view();
      for (let i = 0; i < 26; i++) await someone('bob');
      const last = await someone('carol');
      const first = await people();
      expect(first).toMatchObject({ total: 28, page: 1, pageSize: 25 });
      expect(first.sessions).toHaveLength(25);
      expect(first.sessions[0]).toEqual({
        id: sessionId(last.token!),
        userId: 'carol',
        tenant: 'globex',
        device: expect.any(String),
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        lastSeenAt: expect.stringMatching(/^\d{4}-.*Z$/),
        current: false,
      });
      const second = await people(2);
      expect(second.sessions.map(({ userId }) => userId)).toEqual(['bob', 'bob', 'olga']);
      expect(second.sessions[2]).toMatchObject({ id: sessionId(olga.token!), current: true });
      expect((await people(3)).sessions).toEqual([]);
    });

    it.each(['0', '-1', '1.5', '401', 'x', ''])('refuse page "%s"', async (page) => {
      const answer = await olga.send('GET', `/api/operations/sessions?page=${page}`);
      expect(answer.status).toBe(400);
    });

    it('find the carts that a product is in', async () => {
      const [alice, bob] = await Promise.all(['alice', 'bob', 'carol'].map(someone));
      await alice!.addToCart('tea', 3);
      await bob!.addToCart('tea', 1);
      await bob!.addToCart('mug', 2);
      const { count, sessions } = await carts('tea');
      expect(count).toBe(2);
      expect(sessions.map(({ userId, quantity }) => [userId, quantity]).toSorted()).toEqual([
        ['alice', 3],
        ['bob', 1],
      ]);
      expect(sessions.map(({ id }) => id)).toContain(sessionId(bob!.token!));
      expect(await carts('oil')).toEqual({ count: 0, sessions: [] });
    });

    it.each(['GET', 'POST'])('know no product that the shop does not have: %s', async (method) => {
      for (const sku of ['nonsense', '%7B%22oneOf%22%3A%5B%5D%7D', '*']) {
        expect((await olga.send(method, `/api/operations/recall/${sku}`)).status).toBe(404);
      }
    });

    it('take a product out of all carts, and leave the rest in', async () => {
      const [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map(someone));
      await alice!.addToCart('tea', 3);
      await bob!.addToCart('tea', 1);
      await bob!.addToCart('mug', 2);
      await carol!.addToCart('bread', 1);
      const answer = await olga.send('POST', '/api/operations/recall/tea');
      expect(answer).toMatchObject({ status: 200, body: { changed: 2, missed: 0 } });
      const cartOf = async (visitor: Visitor) => (await visitor.session()).body.cart;
      expect(await cartOf(alice!)).toEqual([]);
      expect(await cartOf(bob!)).toEqual([{ sku: 'mug', quantity: 2 }]);
      expect(await cartOf(carol!)).toEqual([{ sku: 'bread', quantity: 1 }]);
      expect((await carts('tea')).count).toBe(0);
    });

    it('say how far a recall is, line by line', async () => {
      await fillCarts(120);
      const answer = await recallWithProgress(olga, 'tea');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('application/x-ndjson');
      const lines = (await answer.text())
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line);
      expect(lines[0]).toEqual({ done: 0, total: 120 });
      const progress = lines.slice(0, -1).map(({ done }) => done!);
      expect(progress.length).toBeGreaterThan(2);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
      expect(progress.at(-1)).toBe(120);
      expect(lines.at(-1)).toEqual({ changed: 120, missed: 0, isComplete: true });
    });

    it('stop a recall when whoever gave the order hangs up', async () => {
      await fillCarts(400);
      const hangUp = new AbortController();
      const answer = await recallWithProgress(olga, 'tea', hangUp.signal);
      await answer.body!.getReader().read();
      hangUp.abort();
      const countOnceQuiet = async () => {
        let before = -1;
        let { count } = await carts('tea');
        await eventually('the recall is over', async () => {
          [before, count] = [count, (await carts('tea')).count];
          return before === count;
        });
        return count;
      };
      expect(await countOnceQuiet()).toBeGreaterThan(0);
    });

    it('sign out a tenant, but for its operators', async () => {
      const names = ['alice', 'bob', 'carol', 'carol'];
      const [alice, bob, carol] = await Promise.all(names.map(someone));
      expect(await signOutTenant('acme')).toMatchObject({ status: 200, body: { revoked: 2 } });
      for (const visitor of [alice!, bob!]) {
        expect(await visitor.devices()).toMatchObject({
          status: 401,
          body: { code: 'SESSION_REVOKED' },
        });
      }
      expect((await carol!.session()).body.signedIn).toBe(true);
      expect(await tenants()).toEqual([
        { tenant: 'globex', sessions: 2 },
        { tenant: 'acme', sessions: 1 },
      ]);
    });

    it('sign out nobody of a tenant that is not there', async () => {
      await someone('alice');
      expect((await signOutTenant('initech')).body).toMatchObject({ revoked: 0 });
      expect((await signOutTenant('*')).body).toMatchObject({ revoked: 0 });
      expect((await people()).total).toBe(2);
    });

    it.each([[undefined], [''], [7], [['acme']], [{ oneOf: ['acme'] }], ['a'.repeat(201)]])(
      'refuse to sign out the tenant %j',
      async (tenant) => {
        expect((await signOutTenant(tenant)).status).toBe(400);
      },
    );

    /** Carts of as many guests: nobody has to wait for their passwords to be checked. */
    async function fillCarts(count: number): Promise<void> {
      const cart = [{ sku: 'tea', quantity: 1 }];
      const guests = Array.from({ length: count }, () => new Visitor(url));
      for (let i = 0; i < count; i += 50) {
        const some = guests.slice(i, i + 50);
        await Promise.all(some.map((guest) => guest.view()));
        const ids = some.map(({ token }) => sessionId(token!));
        await Promise.all(ids.map((id) => app.get(SessionService).update(id, { cart })));
      }
    }
  });
}

function recallWithProgress(olga: Visitor, sku: string, signal?: AbortSignal): Promise<Response> {
  return olga.jar.fetch(`${olga.site}/api/operations/recall/${sku}`, {
    method: 'POST',
    headers: { accept: 'application/x-ndjson' },
    ...(signal && { signal }),
  });
}
