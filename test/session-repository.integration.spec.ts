import { useRedis } from './support/redis.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import type { RedisConnection } from '../libs/session/src/redis/redis-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import type { SessionLimitOptions } from '../libs/session/src/session.options.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { InMemorySessionRepository, sessionRepositoryContract } from 'nestjs-redis-session/testing';

describe('a session repository in memory', () => {
  it.each(sessionRepositoryContract)('$name', ({ limit, check }) =>
    check(new InMemorySessionRepository({ userLimit: limit })),
  );
});

describe('a session repository in Redis', () => {
  const redis = useRedis();
  let connection: RedisConnection;
  const settingsWith = (limit?: SessionLimitOptions) =>
    new SessionSettings({
      redis: redis.url,
      touchIntervalSeconds: 0,
      storeTimeoutMs: 5000,
      ...(limit && { maxSessionsPerUser: limit }),
    });
  beforeAll(async () => {
    connection = await openConnection(settingsWith());
  });
  afterAll(() => connection.close());

  it.each(sessionRepositoryContract)('$name', ({ limit, check }) =>
    check(new RedisSessionRepository(connection, settingsWith(limit))),
  );
});
