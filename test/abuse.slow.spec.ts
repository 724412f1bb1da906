import fc from 'fast-check';
import { SessionService } from 'nestjs-redis-session';
import { createToken } from '../libs/session/src/core/token.js';
import { startApp, type TestApp } from './support/app.js';
import { assertSoundKeyspace } from './support/keyspace-oracle.js';
import { manyTimes } from './support/many-times.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { times } from './support/scale.js';
import { lightFetch } from './support/light-fetch.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { rawRequest } from './shop/support/raw-request.js';

const HOSTILE_USERS = [
  '*',
  '{}',
  '}:x{',
  'a\nb',
  'a\r\nDEL x',
  '\0',
  '../..',
  '__proto__',
  'session:{0000}:x',
  '"; return 1 --',
  'é',
  'e\u0301',
  '👩‍👩‍👧'.repeat(60),
  ' alice',
  'Alice',
];

describe('those who mean harm', () => {
  const redis = useRedis();
  let site: TestApp;
  beforeAll(async () => {
    site = await startApp(
      'fastify',
      { redis: redis.url, storeTimeoutMs: 5000 },
      { controllers: [VisitorController] },
    );
  });
  afterAll(() => site.app.close());
  beforeEach(() => redis.client.flushall());

  it('leave no key behind as thousands of anonymous visitors, whatever their cookies', async () => {
    const statuses = await manyTimes(10_000, async (round) => {
      const cookies = [undefined, `id=${createToken()}`, `id=${`${round}`.padStart(43, '~')}`];
      const cookie = cookies[round % 3];
      const { status, headers } = await lightFetch(
        `${site.url}/${round % 2 ? 'read' : 'private'}`,
        cookie ? { headers: { cookie } } : {},
      );
      return `${status} ${headers.getSetCookie().length}`;
    });
    expect(Object.keys(statuses).toSorted()).toEqual(['200 0', '401 0']);
    expect(await redis.client.dbsize()).toBe(0);
  }, 120_000);

  it('cost Redis nothing with a header full of cookies, and are answered', async () => {
    const bombs = [
      `id=${'A'.repeat(12_000)}`,
      Array.from({ length: 1500 }, (_, i) => `a${i}=b`).join('; '),
      `${';'.repeat(12_000)}id`,
      `${'='.repeat(12_000)}`,
    ];
    const commands = await commandsDuring(redis, async () => {
      for (const cookie of bombs) {
        const response = await fetch(`${site.url}/read`, { headers: { cookie } });
        expect(response.status).toBe(200);
        expect(await response.json()).toEqual({ note: null, userId: null });
      }
    });
    expect(commands).toEqual([]);
  });

  it('cost Redis what two dead tokens do with a header full of tokens', async () => {
    const cookie = Array.from({ length: 200 }, () => `id=${createToken()}`).join('; ');
    const ask = () => fetch(`${site.url}/read`, { headers: { cookie } });
    // The server learns the script once.
    await ask();
    expect(await commandsDuring(redis, ask)).toHaveLength(4);
    expect(await (await ask()).json()).toEqual({ note: null, userId: null });
  });

  it('are refused by the server itself when their header is larger still', async () => {
    const cookie = `Cookie: id=${'A'.repeat(70_000)}`;
    expect(await rawRequest(site.url, ['GET /read HTTP/1.1', cookie])).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('cannot reach the sessions of others by the name of their user', async () => {
    const sessions = site.app.get(SessionService);
    for (const user of [...HOSTILE_USERS, 'alice']) {
      const visitor = new Visitor(site);
      await visitor.post(`sign-in?user=${encodeURIComponent(user)}`);
      expect(await (await visitor.get('private')).json()).toEqual({ userId: user });
    }
    await assertSoundKeyspace(redis.client);
    for (const user of HOSTILE_USERS) {
      expect((await sessions.listByUser(user)).map(({ userId }) => userId)).toEqual([user]);
      expect(await sessions.revokeAllOfUser(user)).toBe(1);
      expect(await sessions.listByUser('alice')).toHaveLength(1);
    }
  });

  it('cannot break a session by the names of its fields, nor spoil objects', async () => {
    const visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    const sessions = site.app.get(SessionService);
    const [{ id } = { id: '' }] = await sessions.listByUser('alice');
    const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(names, fc.jsonValue(), async (name, value) => {
        const isStored = await sessions
          .update(id, (session) => session.set(name as never, value as never))
          .catch(() => undefined);
        const read = await sessions.read(id, [name as never]);
        // Refused, or as it was put in.
        return isStored === undefined
          ? Object.keys(read!).length === 0
          : JSON.stringify(read![name as never]) === JSON.stringify(value);
      }),
      {
        numRuns: 300,
        examples: [
          ['__proto__', { polluted: true }],
          ['constructor', { prototype: { polluted: true } }],
          ['~user', 'olga'],
          ['\ud800', 1],
          ['*', null],
        ],
      },
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(await (await visitor.get('private')).json()).toEqual({ userId: 'alice' });
    await assertSoundKeyspace(redis.client);
  });

  it('with many sessions see all of them, and end all of them, page by page', async () => {
    const count = times(600, 2000);
    const sessions = site.app.get(SessionService);
    const signIn = async () =>
      `${(await lightFetch(`${site.url}/sign-in?user=hoarder`, { method: 'POST' })).status}`;
    for (let signedIn = 0; signedIn < count; signedIn += 50) {
      const statuses = await Promise.all(Array.from({ length: 50 }, signIn));
      expect(new Set(statuses)).toEqual(new Set(['201']));
    }
    expect(await sessions.listByUser('hoarder')).toHaveLength(count);
    const commands = await commandsDuring(redis, async () => {
      expect(await sessions.revokeAllOfUser('hoarder')).toBe(count);
    });
    // One sets the cutoff. Redis returns pages of about 500 ids, and each page takes three commands.
    expect(commands.length).toBeLessThanOrEqual(1 + 3 * (2 + count / 500));
    expect(await sessions.listByUser('hoarder')).toEqual([]);
    await assertSoundKeyspace(redis.client);
  }, 120_000);
});
