import { saveSession } from '../libs/session/src/core/save-session.js';
import { Session } from '../libs/session/src/core/session.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import type { RedisConnection } from '../libs/session/src/redis/redis-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { FaultProxy } from './support/fault-proxy.js';
import { useRedis } from './support/redis.js';

describe('a connection that is cut after a command was carried out and before its answer', () => {
  const redis = useRedis();
  let proxy: FaultProxy;
  let connection: RedisConnection;
  let repository: RedisSessionRepository;
  let settings: SessionSettings;
  beforeAll(async () => {
    proxy = await FaultProxy.to(redis.url);
    settings = new SessionSettings({ redis: proxy.url, storeTimeoutMs: 2000 });
    connection = await openConnection(settings);
    repository = new RedisSessionRepository(connection, settings);
  });
  afterAll(async () => {
    await connection.close();
    proxy.close();
  });

  it('is an error each time, applies each increment once, and every promise settles', async () => {
    const device = { address: undefined, agent: undefined };
    const session = new Session(undefined, { ...settings, device, startedAt: performance.now() });
    session.increment('count');
    await saveSession(repository, session);
    const addOne = () =>
      repository.commit(session.id!, new Map([['count', { kind: 'add', amount: 1 }]]));
    await addOne();
    for (let i = 0; i < 40; i++) {
      // The next command finds a connection again by itself.
      await repository.read(session.id!);
      proxy.cutNextAnswer();
      await expect(addOne()).rejects.toMatchObject({ code: 'SESSION_STORE' });
    }
    expect((await repository.read(session.id!))?.fields.get('count')).toBe('42');
  });
});
