import { Redis, type RedisOptions } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { type SessionOptions, SessionService } from 'nestjs-redis-session';
import { SessionEvents, SessionEventsModule } from 'nestjs-redis-session/events';
import { RedisSessionStore } from 'nestjs-redis-session/express-session';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { Log } from './events/support/log.js';
import { startApp, type TestApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

const defer = useCleanup();
const redis = useRedis();

/** Who the application is to Redis, and how an operator gives them another password. */
const USERS = ['default', 'shop'] as const;
type User = (typeof USERS)[number];

let passwords = 0;
let password = '';

/** Gives a new password, and closes every connection but the test's own. */
async function rotate(user: User): Promise<void> {
  password = `p4ssword-${passwords++}`;
  if (user === 'default') {
    await redis.client.config('SET', 'requirepass', password);
    redis.client.options.password = password;
  } else {
    const rules = ['reset', 'on', `>${password}`, '~*', '&*', '+@all'];
    await redis.client.call('ACL', 'SETUSER', user, ...rules);
  }
  const own = await redis.client.client('ID');
  const clients = String(await redis.client.client('LIST')).split('\n');
  for (const line of clients) {
    const id = /^id=(\d+)/.exec(line)?.[1];
    if (id && Number(id) !== own) await redis.client.client('KILL', 'ID', id).catch(() => 0);
  }
}

describe.each(USERS)(
  'a password of the user %s that changes while the application runs',
  (user) => {
    beforeEach(() => rotate(user));
    afterAll(async () => {
      await redis.client.config('SET', 'requirepass', '');
      redis.client.options.password = '';
    });

    const account = () => (user === 'default' ? { password } : { username: user, password });
    const address = () => {
      const { hostname, port } = new URL(redis.url);
      return { host: hostname, port: Number(port) };
    };
    const start = async (options: SessionOptions, log = new Log()) => {
      const site = await startApp(
        'express',
        { durableTimeoutMs: 10, ...options },
        { imports: [SessionEventsModule.forRoot({})], controllers: [VisitorController] },
        (app) => app.useLogger(log),
      );
      defer(() => site.app.close());
      return site;
    };
    const isServed = async ({ url }: TestApp) =>
      (await new Visitor({ url }).post('sign-in?user=alice')).status === 201;
    const untilServed = (site: TestApp) => eventually('requests are served', () => isServed(site));
    /** Without a replica nothing is durable; that it was carried out says that there is a connection. */
    const untilDurableIsAsked = ({ app }: TestApp) =>
      eventually('a durable write gets to Redis', async () => {
        const service = app.get(SessionService);
        const error = await service
          .revokeAllOfUser('alice', { durable: 'replica' })
          .catch((thrown: Error) => thrown);
        return /was carried out/.test(String(error));
      });
    const untilHeard = async (site: TestApp) => {
      let heard = 0;
      const listening = site.app.get(SessionEvents).all$.subscribe(() => heard++);
      await eventually('events are heard', async () => (await isServed(site)) && heard > 0);
      listening.unsubscribe();
    };
    const everythingWorks = async (site: TestApp) => {
      await untilServed(site);
      await untilDurableIsAsked(site);
      await untilHeard(site);
    };

    it.each<[string, () => SessionOptions['redis']]>([
      ['a URL', () => `redis://${address().host}:${address().port}`],
      [
        'a URL with a password that is void',
        () => `redis://${user}:v0id@${address().host}:${address().port}/1`,
      ],
      ['options of ioredis', () => address()],
    ])('is asked for at each connect, with %s', async (_, where) => {
      let calls = 0;
      const redisCredentials = async () => {
        calls++;
        return account();
      };
      const site = await start({ redis: where(), redisCredentials });
      await everythingWorks(site);
      const before = calls;
      await untilServed(site);
      expect(calls).toBe(before);
      await rotate(user);
      await everythingWorks(site);
      // That of requests, of durable writes and of events.
      expect(calls - before).toBeGreaterThanOrEqual(3);
    });

    it.each([
      ['ioredis 6', Redis],
      ['ioredis 5', Redis5 as unknown as typeof Redis],
    ])(
      'is that of a client of %s that was handed in, for the connections next to it',
      async (_, Client) => {
        const client = new Client({ ...address(), ...account(), retryStrategy: () => 20 });
        client.on('error', () => undefined);
        defer(() => client.disconnect());
        const site = await start({ redis: client });
        await everythingWorks(site);
        const changing = rotate(user);
        client.options.password = password;
        await changing;
        await everythingWorks(site);
        expect(client.status).toBe('ready');
      },
    );

    it('is asked for by the store for express-session', async () => {
      const redisCredentials = () => account();
      const store = new RedisSessionStore({ redis: address(), redisCredentials });
      defer(() => store.close());
      const count = () =>
        new Promise((resolve) =>
          store.length((error: unknown) => resolve(error ? 'away' : 'there')),
        );
      expect(await count()).toBe('there');
      await rotate(user);
      await eventually('the store is back', async () => (await count()) === 'there');
    });

    interface Failure {
      readonly how: string;
      readonly fail: () => never | Promise<never>;
    }
    const FAILURES: Failure[] = [
      {
        how: 'throws',
        fail: () => {
          throw new Error(`no token for s3cret-${password}`);
        },
      },
      { how: 'rejects', fail: () => Promise.reject(new Error('s3cret')) },
      { how: 'gives no password', fail: () => ({ username: 's3cret' }) as never },
      { how: 'gives nothing', fail: () => undefined as never },
      { how: 'takes too long', fail: () => new Promise<never>(() => undefined) },
    ];
    it.each(FAILURES)('is asked for again where the function $how', async ({ fail }) => {
      const log = new Log();
      let isFailing = true;
      const redisCredentials = () => (isFailing ? fail() : account());
      const where: RedisOptions = { ...address(), connectTimeout: 100 };
      const site = await start({ redis: where, redisCredentials }, log);
      const visitor = new Visitor(site);
      expect((await visitor.post('sign-in?user=alice')).status).toBe(503);
      await eventually('the log says so', async () => log.matching(/NOCREDENTIALS/).length > 0);
      expect(log.matching(/s3cret/)).toEqual([]);
      isFailing = false;
      await everythingWorks(site);
    });

    it('is not waited for by an application that closes, and not used after that', async () => {
      let answer: () => void = () => undefined;
      let isAsked = false;
      const redisCredentials = async () => {
        isAsked = true;
        await new Promise<void>((resolve) => (answer = resolve));
        return account();
      };
      const site = await startApp(
        'express',
        { redis: address(), redisCredentials, examineAtStart: false },
        { controllers: [VisitorController] },
      );
      expect((await new Visitor(site).post('sign-in?user=alice')).status).toBe(503);
      expect(isAsked).toBe(true);
      await site.app.close();
      answer();
      await new Promise((resolve) => setImmediate(resolve));
      const clients = String(await redis.client.client('LIST'));
      expect(clients).not.toContain('name=nestjs-redis-session');
    });
  },
);

describe('the option redisCredentials', () => {
  it.each<[string, () => SessionOptions['redis']]>([
    ['a client', () => redis.client],
    ['a function that gives one', () => () => redis.client],
  ])('is refused with %s: a client of yours gets its password from you', (_, where) => {
    const redisCredentials = () => ({ password: 'x' });
    expect(() => new SessionSettings({ redis: where(), redisCredentials })).toThrow(
      expect.objectContaining({
        code: 'SESSION_CONFIG',
        message: expect.stringMatching(/redisCredentials is for a client that is made here/),
      }),
    );
  });

  it('must be a function', () => {
    const options = { redis: redis.url, redisCredentials: { password: 's3cret' } };
    expect(() => new SessionSettings(options as unknown as SessionOptions)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/redisCredentials is .* It must be a function/),
      }),
    );
  });
});
