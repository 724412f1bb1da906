import { Session } from '../libs/session/src/core/session.js';
import { saveSession } from '../libs/session/src/core/save-session.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { PLATFORMS, startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { Instance } from './support/instance.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

describe.each(PLATFORMS)('the absolute lifetime, on %s', (platform) => {
  const redis = useRedis();

  it('ends a session under constant use at its deadline, to the second', async () => {
    const site = await startApp(
      platform,
      {
        redis: redis.url,
        absoluteTimeoutSeconds: 2,
        idleTimeoutSeconds: 1,
        touchIntervalSeconds: 0,
      },
      { controllers: [VisitorController] },
    );
    const visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    const [key] = await redis.client.keys('session:*');
    const deadlineAt = Number(await redis.client.hget(key!, '~until'));
    let lastIn = 0;
    while ((await visitor.get('private')).status === 200) lastIn = Date.now();
    const firstOut = Date.now();
    await site.app.close();
    expect(lastIn).toBeLessThanOrEqual(deadlineAt + 100);
    expect(firstOut).toBeGreaterThanOrEqual(deadlineAt);
    expect(firstOut - deadlineAt).toBeLessThan(1000);
  });
});

describe('a user with ten thousand sessions', () => {
  // Longer than "a few milliseconds": a shared machine may stop Redis itself for some.
  const STALL_MICROSECONDS = 25_000;
  const redis = useRedis({ settings: { 'slowlog-log-slower-than': String(STALL_MICROSECONDS) } });

  it('is signed out everywhere in batches, and Redis is never held up', async () => {
    const settings = new SessionSettings({ redis: redis.url, storeTimeoutMs: 10_000 });
    const connection = await openConnection(settings);
    const repository = new RedisSessionRepository(connection, settings);
    const device = { address: '192.0.2.1', agent: 'Test/1.0' };
    const signIn = async () => {
      const session = new Session(undefined, { ...settings, device, startedAt: performance.now() });
      session.signIn('many');
      await saveSession(repository, session);
    };
    for (let i = 0; i < 100; i++) await Promise.all(Array.from({ length: 100 }, signIn));
    const commands = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.client.info('commandstats'))?.[1]);
    const before = await commands();
    expect(await repository.revokeAllOfUser('many')).toMatchObject({ ended: 10_000 });
    // One to declare them void; a page and the two halves of its end for each 500, or a few more.
    expect((await commands()) - before).toBeLessThanOrEqual(1 + 3 * 20);
    expect(await redis.client.keys('session:*')).toEqual([]);
    expect(await redis.client.keys('session-user:*')).toEqual([]);
    const slow = (await redis.client.slowlog('GET', 10)) as [number, number, number, string[]][];
    expect(
      slow.map(([, , , [name]]) => name?.toLowerCase()).filter((name) => name !== 'keys'),
    ).toEqual([]);
    await connection.close();
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
