import { Redis } from 'ioredis';
import { SessionSearch, startsWith, tag } from 'nestjs-redis-session';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { sessionRepositoryContract } from 'nestjs-redis-session/testing';
import { describeWithSearch } from './search/support/with-search.js';
import { startApp } from './support/app.js';
import { readText } from './support/documentation.js';
import { useRedis } from './support/redis.js';
import { startMonitor } from './support/monitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

const KEY_PREFIX = 'shop:';

/** What docs/security.md tells to give the user, without and with an index. */
const [rules = [], rulesOfSearch = []] = [
  ...readText('docs/security.md').matchAll(/^ACL SETUSER shop ([^`]+)```/gm),
].map(([, words]) => words!.trim().split(/\s+/));

/** Commands that are told to the server by a connection itself, and no part of a script. */
const OF_CONNECTIONS = ['acl', 'hello', 'client', 'auth', 'info', 'ping', 'quit', 'select'];

describe('the user that the documentation tells to make', () => {
  const redis = useRedis();
  let user: Redis;

  beforeAll(async () => {
    await redis.client.call('ACL', 'SETUSER', 'shop', ...rules);
    const { hostname, port } = new URL(redis.url);
    const credentials = {
      username: 'shop',
      password: 'password',
      enableReadyCheck: false,
      disconnectTimeout: 50,
    };
    user = new Redis({ host: hostname, port: Number(port), ...credentials });
  });
  afterAll(() => user?.disconnect());

  it('may do everything that sessions need, and nothing else', async () => {
    const used = new Set<string>();
    const watcher = await startMonitor(redis.client);
    watcher.on('monitor', (_time: string, [name]: string[]) => used.add(name!.toLowerCase()));
    for (const { check, limit } of sessionRepositoryContract) {
      const settings = new SessionSettings({
        redis: () => user,
        touchIntervalSeconds: 0,
        storeTimeoutMs: 5000,
        keyPrefix: KEY_PREFIX,
        ...(limit && { maxSessionsPerUser: limit }),
      });
      await check(new RedisSessionRepository(await openConnection(settings), settings));
    }
    watcher.disconnect();
    const allowed = rules.filter((rule) => /^\+[a-z]/.test(rule)).map((rule) => rule.slice(1));
    const needed = [...used].filter((name) => !OF_CONNECTIONS.includes(name));
    // `info` is for the ready check of ioredis, `type` for what something else wrote.
    const also = ['info', 'type'];
    expect(allowed.toSorted()).toEqual([...new Set([...needed, ...also])].toSorted());
  });

  it.each(['replica', 'disk'] as const)('may wait for the %s', async (durability) => {
    const { host } = new URL(redis.url);
    const settings = new SessionSettings({
      redis: `redis://shop:password@${host}`,
      keyPrefix: KEY_PREFIX,
      durableTimeoutMs: 10,
    });
    const connection = await openConnection(settings);
    const sessions = new RedisSessionRepository(connection, settings).durable(durability);
    // Whatever else stands in the way here: there is no replica, and some servers know nothing of the disk.
    const refusal = await sessions.revokeAllOfUser('alice').catch((error: Error) => error.message);
    await connection.close();
    expect(refusal).not.toMatch(/NOPERM|may not ask/);
  });

  it('may not touch keys that are none of ours', async () => {
    await expect(user.hgetall('session:{0000}:x')).rejects.toThrow(/NOPERM/);
    await expect(user.hgetall('shop:other')).rejects.toThrow(/NOPERM/);
    await expect(user.call('FLUSHALL')).rejects.toThrow(/NOPERM/);
  });
});

describeWithSearch('the same user, given what the documentation tells for an index', () => {
  const redis = useRedis();

  it('may make the index, fill it, ask it and remove an old one', async () => {
    for (const more of [rules, rulesOfSearch]) {
      await redis.client.call('ACL', 'SETUSER', 'shop', ...more);
    }
    const { host } = new URL(redis.url);
    const options = {
      redis: `redis://shop:password@${host}`,
      keyPrefix: KEY_PREFIX,
      index: { notes: tag('note') },
    };
    const { app } = await startApp('express', options);
    defer(() => app.close());
    const search = app.get(SessionSearch);
    await search.prepare();
    expect(await search.count({ notes: startsWith('ab') })).toBe(0);
    expect(await search.countBy('notes')).toEqual(new Map());
    for await (const session of search.stream({})) expect(session).toBeUndefined();
    expect((await search.status()).isComplete).toBe(true);
    const old = `${KEY_PREFIX}session-index:00000000`;
    await redis.client.call('FT.CREATE', old, 'SCHEMA', 'userId', 'TAG');
    await redis.client.hset(`${KEY_PREFIX}session-index-state:00000000`, 'usedAt', 1);
    await search.prepare();
    expect(await redis.client.call('FT._LIST')).not.toContain(old);
  });
});
