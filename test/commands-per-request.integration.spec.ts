import { SessionService } from 'nestjs-redis-session';
import { createToken } from '../libs/session/src/core/token.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

describe.each(PLATFORMS)('what a request costs in commands to Redis, on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  let visitor: Visitor;
  let sites = 0;
  /** The names of the commands, in order. */
  const cost = async (act: () => Promise<unknown>) =>
    (await commandsDuring(redis, act)).map(([name]) => name!.toLowerCase());

  const startSite = async (touchIntervalSeconds: number) => {
    site = await startApp(
      platform,
      { redis: redis.url, touchIntervalSeconds, keyPrefix: `${sites++}:` },
      { controllers: [VisitorController] },
    );
    visitor = new Visitor(site);
    // The server learns the scripts once; that is no cost of a request.
    for (const path of ['write', 'write', 'sign-in?user=warm-up', 'renew', 'sign-out']) {
      expect((await visitor.post(path, { note: 'a' })).status).toBe(201);
    }
    await visitor.delete('users/warm-up');
    const dead = new Visitor(site);
    dead.jar.cookies.set('id', createToken());
    await dead.get('read');
  };

  describe('with the default interval between touches', () => {
    beforeAll(() => startSite(30));
    afterAll(() => site.app.close());
    beforeEach(() => {
      visitor = new Visitor(site);
    });

    it('is nothing for a page that does not ask for the session, cookie or not', async () => {
      await visitor.post('write', { note: 'a' });
      expect(await cost(() => visitor.get('public'))).toEqual([]);
      expect(await cost(() => visitor.get('nowhere'))).toEqual([]);
    });

    it('is nothing for a stranger, whatever they read', async () => {
      expect(await cost(() => visitor.get('read'))).toEqual([]);
      expect(await cost(() => visitor.get('private'))).toEqual([]);
    });

    it.each(['', 'x', '%00', '__proto__', 'a'.repeat(10_000), `${'a'.repeat(42)}B`])(
      'is nothing for a cookie that is no token (%#)',
      async (value) => {
        visitor.jar.cookies.set('id', value);
        expect(await cost(() => visitor.get('read'))).toEqual([]);
      },
    );

    it('is two for a token whose session is not there: the second asks why', async () => {
      visitor.jar.cookies.set('id', 'A'.repeat(43));
      expect(await cost(() => visitor.get('read'))).toEqual(['hgetall', 'evalsha']);
      expect(await redis.client.keys('*AAAA*')).toEqual([]);
    });

    it('is one for reading, however often the session is asked for', async () => {
      await visitor.post('sign-in?user=reader');
      expect(await cost(() => visitor.get('read'))).toEqual(['hgetall']);
      expect(await cost(() => visitor.get('private'))).toEqual(['hgetall']);
    });

    it('is one for creating, two for writing any number of fields', async () => {
      expect(await cost(() => visitor.post('write', { note: 'a' }))).toEqual(['evalsha']);
      expect(await cost(() => visitor.post('write', { note: 'b' }))).toEqual([
        'hgetall',
        'evalsha',
      ]);
    });

    it('is one to three for signing in: stranger, user, guest in another slot', async () => {
      expect(await cost(() => visitor.post('sign-in?user=alice'))).toEqual(['evalsha']);
      expect(await cost(() => visitor.post('sign-in?user=alice'))).toEqual(['hgetall', 'evalsha']);
      const guest = new Visitor(site);
      await guest.post('write', { note: 'a' });
      expect(await cost(() => guest.post('sign-in?user=alice'))).toEqual([
        'hgetall',
        'evalsha',
        'evalsha',
      ]);
    });

    it('is two for renewing and two for signing out', async () => {
      await visitor.post('sign-in?user=bob');
      expect(await cost(() => visitor.post('renew'))).toEqual(['hgetall', 'evalsha']);
      expect(await cost(() => visitor.post('sign-out'))).toEqual(['hgetall', 'evalsha']);
    });

    it('is three for signing out everywhere', async () => {
      for (let i = 0; i < 3; i++) await new Visitor(site).post('sign-in?user=carol');
      expect(await cost(() => visitor.delete('users/carol'))).toEqual([
        'evalsha',
        'evalsha',
        'evalsha',
      ]);
    });
  });

  describe('outside a request', () => {
    beforeAll(() => startSite(30));
    afterAll(() => site.app.close());

    it('is one, and one for each session, for the list of a user among many', async () => {
      const service = site.app.get(SessionService);
      const users = Array.from({ length: 100 }, (_, i) => `user-${i % 20}`);
      await Promise.all(users.map((user) => new Visitor(site).post(`sign-in?user=${user}`)));
      const list = () => service.listByUser('user-7');
      expect(await list()).toHaveLength(5);
      expect(await cost(list)).toEqual(['evalsha', ...Array<string>(5).fill('hgetall')]);
    });
  });

  describe('with a touch at each request', () => {
    beforeAll(() => startSite(0));
    afterAll(() => site.app.close());

    it('is one more, which slides the time to live', async () => {
      await visitor.post('sign-in?user=dave');
      const read = async () => {
        await visitor.get('read');
        // Nobody waits for the touch; what is sent after it on the same connection is answered after it.
        await site.app.get(SessionService).ping();
      };
      expect(await cost(read)).toEqual(['hgetall', 'evalsha', 'ping']);
    });
  });
});
