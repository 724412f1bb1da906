import { Session } from '../libs/session/src/core/session.js';
import { saveSession } from '../libs/session/src/core/save-session.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { startApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { Instance } from './support/instance.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

describe('the absolute lifetime', () => {
  const redis = useRedis();
  const defer = useCleanup();

  it('ends a session under constant use at its deadline, to the second', async () => {
    const site = await startApp(
      'fastify',
      {
        redis: redis.url,
        absoluteTimeoutSeconds: 2,
        idleTimeoutSeconds: 1,
        touchIntervalSeconds: 0,
        // A refusal by a busy machine would look like the end of the session.
        storeTimeoutMs: 10_000,
      },
      { controllers: [VisitorController] },
    );
    defer(() => site.app.close());
    const visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    const [key] = await redis.client.keys('session:*');
    const deadlineAt = Number(await redis.client.hget(key!, '~until'));
    let [askedAt, lastAskedAt, status] = [0, 0, 200];
    while (status === 200) {
      lastAskedAt = askedAt;
      askedAt = Date.now();
      ({ status } = await visitor.get('private'));
    }
    expect(status).toBe(401);
    // Whoever asks after the deadline is refused, however late the answer comes, and nobody is refused before it.
    expect(lastAskedAt).toBeLessThanOrEqual(deadlineAt);
    expect(Date.now()).toBeGreaterThanOrEqual(deadlineAt);
  });
});

describe('a user with ten thousand sessions', () => {
  /** How long Redis is held up by a command depends on the machine, and how many sessions a command reaches does not. */
  const MOST_SESSIONS_OF_A_CALL = 500;
  const redis = useRedis();
  const defer = useCleanup();

  it('is signed out everywhere in batches, and Redis is never held up', async () => {
    const settings = new SessionSettings({ redis: redis.url, storeTimeoutMs: 10_000 });
    const connection = await openConnection(settings);
    defer(() => connection.close());
    const repository = new RedisSessionRepository(connection, settings);
    const device = { address: '192.0.2.1', agent: 'Test/1.0' };
    const signIn = async () => {
      const session = new Session(undefined, { ...settings, device, startedAt: performance.now() });
      session.signIn('many');
      await saveSession(repository, session);
    };
    for (let i = 0; i < 100; i++) await Promise.all(Array.from({ length: 100 }, signIn));
    const commands = await commandsDuring(redis, async () => {
      expect(await repository.revokeAllOfUser('many')).toMatchObject({ ended: 10_000 });
    });
    const calls = commands.filter(([name]) => name!.toLowerCase() === 'evalsha');
    // One to declare them void; a page and the two halves of its end for each 500, or a few more.
    expect(calls.length).toBeLessThanOrEqual(1 + 3 * 20);
    // The set of the user, and of each session its own key, why it is gone and its document.
    const sessions = commands.map(([, , keys]) => (Number(keys) - 1) / 3);
    expect(Math.max(...sessions)).toBeLessThanOrEqual(MOST_SESSIONS_OF_A_CALL);
    expect(await redis.client.keys('session:*')).toEqual([]);
    expect(await redis.client.keys('session-user:*')).toEqual([]);
  });
});

describe('users whose sessions have all expired', () => {
  const redis = useRedis();
  let instance: Instance;
  beforeAll(async () => {
    const brief = { idleTimeoutSeconds: 1, touchIntervalSeconds: 0, absoluteTimeoutSeconds: 600 };
    instance = await Instance.open({ redis: redis.url, storeTimeoutMs: 10_000, ...brief });
  });
  afterAll(() => instance.close());

  it('leave no key once their sessions are listed, also after a restart of Redis', async () => {
    const signIn = async (_: unknown, i: number) => {
      const session = instance.sessionOf();
      session.signIn(`user ${i % 20}`);
      await instance.save(session);
    };
    // With everysec Redis holds writes back for up to two seconds while its disk is slow.
    await redis.client.config('SET', 'appendfsync', 'always');
    await Promise.all(Array.from({ length: 100 }, signIn));
    await redis.server.crash();
    await redis.server.start();
    const sessions = () => redis.client.keys('session:*');
    await eventually('all sessions expire', async () => (await sessions()).length === 0);
    expect(await redis.client.keys('session-user:*')).toHaveLength(20);
    for (let i = 0; i < 20; i++) {
      expect(await instance.service.listByUser(`user ${i}`)).toEqual([]);
    }
    expect(await redis.client.dbsize()).toBe(0);
  });
});
