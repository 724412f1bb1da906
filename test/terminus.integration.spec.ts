import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { SessionHealthIndicator } from 'nestjs-redis-session/terminus';
import { launchRedis, type RedisServer } from '../redis-server/launch.js';
import type { TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { knowsDegraded, startHealthSite } from './support/health-site.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { type Lap, useStopwatch } from './support/stopwatch.js';

const STORE_TIMEOUT_MS = 500;
const PASSWORD = 'a-very-secret-password';

interface Health {
  readonly http: number;
  readonly tookMs: number;
  readonly text: string;
  readonly status: string;
  readonly sessions: { readonly status: string; readonly latencyMs: number; message?: string };
}

async function healthOf({ url }: TestApp, page = 'ready'): Promise<Health> {
  const askedAt = performance.now();
  const response = await fetch(`${url}/health/${page}`);
  const text = await response.text();
  const tookMs = performance.now() - askedAt;
  const { status, details } = JSON.parse(text);
  return { http: response.status, tookMs, text, status, sessions: details.sessions };
}

const start = (redis: string) =>
  startHealthSite(
    'fastify',
    { redis, storeTimeoutMs: STORE_TIMEOUT_MS },
    { impatient: { slowMs: -1 } },
  );

const UP = { http: 200, status: 'ok', sessions: { status: 'up' } };
const DEGRADED = knowsDegraded
  ? { http: 200, status: 'degraded', sessions: { status: 'degraded' } }
  : { http: 200, status: 'ok', sessions: { status: 'up', degraded: true } };
const DOWN = { http: 503, status: 'error', sessions: { status: 'down' } };

describe('the health of sessions', () => {
  const redis = useRedis({ settings: { 'stop-writes-on-bgsave-error': 'yes' } });
  let site: TestApp;
  beforeAll(async () => {
    site = await start(redis.url);
  });
  afterAll(() => site?.app.close());

  it('is up, and says how long Redis took', async () => {
    const health = await healthOf(site);
    expect(health).toMatchObject(UP);
    expect(health.sessions).toEqual({ status: 'up', latencyMs: expect.any(Number) });
    expect(health.sessions.latencyMs).toBeLessThanOrEqual(health.tookMs + 1);
  });

  it.each([-0.1, 1.1, NaN])('refuses %d as a share', async (downBelow) => {
    const indicator = site.app.get(SessionHealthIndicator);
    await expect(indicator.check('sessions', { downBelow })).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringMatching(/downBelow is .*\. It must be from 0 to 1\.$/),
    });
  });

  it('costs two commands, and leaves no key', async () => {
    await healthOf(site);
    const commands = await commandsDuring(redis, () => healthOf(site));
    expect(commands.map(([name]) => name!.toLowerCase()).toSorted()).toEqual([
      'evalsha',
      'hgetall',
    ]);
    expect(await redis.client.dbsize()).toBe(0);
  });

  it('is degraded when Redis takes longer than it may', async () => {
    expect(await healthOf(site, 'impatient')).toMatchObject({
      ...DEGRADED,
      sessions: { ...DEGRADED.sessions, message: 'Redis takes longer than -1 ms.' },
    });
  });

  it('is degraded while the memory is full, and up when there is room again', async () => {
    await redis.client.config('SET', 'maxmemory', '1');
    const health = await healthOf(site);
    await redis.client.config('SET', 'maxmemory', '0');
    expect(health).toMatchObject(DEGRADED);
    expect(health.sessions.message).toBe('Nobody can sign in, and nothing can be saved: OOM.');
    expect(await healthOf(site)).toMatchObject(UP);
  });

  it('is degraded while too few replicas have the writes', async () => {
    await redis.client.config('SET', 'min-replicas-to-write', '1');
    const health = await healthOf(site);
    await redis.client.config('SET', 'min-replicas-to-write', '0');
    expect(health).toMatchObject(DEGRADED);
    expect(health.sessions.message).toMatch(/: NOREPLICAS\.$/);
  });

  it('is degraded while Redis cannot save, and up when it can', async () => {
    const inTheWay = join(redis.server.dataFolder!, 'dump.rdb');
    await mkdir(inTheWay);
    await redis.client.bgsave();
    const isSaved = async () => /rdb_last_bgsave_status:ok/.test(await redis.client.info());
    await eventually('a snapshot fails', async () => !(await isSaved()));
    expect((await healthOf(site)).sessions).toMatchObject({
      ...DEGRADED.sessions,
      message: 'Nobody can sign in, and nothing can be saved: MISCONF.',
    });
    await rmdir(inTheWay);
    await redis.client.bgsave();
    await eventually('a snapshot is saved', isSaved);
    expect(await healthOf(site)).toMatchObject(UP);
  });

  it('is degraded on a replica, which takes no writes', async () => {
    // Nobody listens on port 1, so there is nothing to load.
    await redis.client.replicaof('127.0.0.1', 1);
    const health = await healthOf(site);
    await redis.client.replicaof('NO', 'ONE');
    expect(health).toMatchObject(DEGRADED);
    expect(health.sessions.message).toMatch(/: READONLY\.$/);
  });
});

describe('the health of sessions, while Redis is away', () => {
  let server: RedisServer;
  let site: TestApp;
  const stopwatch = useStopwatch();

  /** An account does not outlive a restart. */
  const makeAccount = async () => {
    const admin = new Redis(server.url, { disconnectTimeout: 50 });
    await admin.call('ACL', 'SETUSER', 'shop', 'on', `>${PASSWORD}`, 'allkeys', 'allcommands');
    admin.disconnect();
  };
  const upAgain = () =>
    eventually('the sessions are up', async () => (await healthOf(site)).http === 200);

  beforeAll(async () => {
    server = await launchRedis();
    await makeAccount();
    const { host } = new URL(server.url);
    site = await start(`redis://shop:${PASSWORD}@${host}`);
  });
  afterAll(async () => {
    await site?.app.close();
    await server?.stop();
  });
  beforeEach(upAgain);

  it('is down when it is frozen, says so as soon as a request would, and is up again', async () => {
    await server.freeze();
    const answers: Health[] = [];
    const laps: Lap[] = [];
    for (let i = 0; i < 2; i++) {
      const lap = stopwatch.start();
      answers.push(await healthOf(site));
      laps.push(lap());
    }
    await server.thaw();
    for (const health of answers) {
      expect(health).toMatchObject(DOWN);
      expect(health.sessions.message).toBe('No session can be read: Redis does not answer.');
    }
    for (const { ownMs } of laps) expect(ownMs).toBeLessThan(STORE_TIMEOUT_MS + 50);
    await upAgain();
  });

  it('is down when it was killed, names neither password nor host, and is up again', async () => {
    await server.crash();
    const health = await healthOf(site);
    await server.start();
    await makeAccount();
    expect(health).toMatchObject(DOWN);
    for (const secret of [PASSWORD, 'shop', new URL(server.url).port]) {
      expect(health.text).not.toContain(secret);
    }
    await upAgain();
  });
});
