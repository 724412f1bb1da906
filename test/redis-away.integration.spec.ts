import { Redis } from 'ioredis';
import { logRefusalsNow } from '../libs/session/src/http/refused-requests.js';
import { launchRedis, type RedisServer } from '../redis-server/launch.js';
import { Log } from './events/support/log.js';
import { eventually } from './support/eventually.js';
import { useStopwatch } from './support/stopwatch.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { Visitor, VisitorController } from './support/visitor.js';

const STORE_TIMEOUT_MS = 300;

/** Docker takes connections for a container that has only just started, and drops them for a while. */
const BACK_WITHIN_MS = process.env['REDIS_ENGINE'] === 'docker' ? 3000 : 1000;

describe.each(PLATFORMS)('while Redis is away, on %s', (platform) => {
  let server: RedisServer;
  let site: TestApp;
  let visitor: Visitor;
  const stopwatch = useStopwatch();
  beforeAll(async () => {
    // With everysec Redis holds writes back for up to two seconds while its disk is slow.
    server = await launchRedis({ settings: { appendfsync: 'always' } });
    site = await startApp(
      platform,
      { redis: server.url, storeTimeoutMs: STORE_TIMEOUT_MS, touchIntervalSeconds: 0 },
      { controllers: [VisitorController] },
    );
  });
  afterAll(async () => {
    await site?.app.close();
    await server?.stop();
  });
  beforeEach(async () => {
    visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
  });

  const expectUnavailable = async (ask: () => Promise<Response>) => {
    const lap = stopwatch.start();
    const response = await ask();
    expect(lap().ownMs).toBeLessThan(STORE_TIMEOUT_MS + 100);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = (await response.json()) as { code: string; message: string };
    expect(body).toMatchObject({ statusCode: 503, code: 'SESSION_STORE' });
    for (const token of visitor.jar.cookies.values()) expect(body.message).not.toContain(token);
  };

  /** Redis is left alone for a moment after it did not answer, and asked again within a second. */
  const expectSignedInWithin = async (ms: number) => {
    const lap = stopwatch.start();
    await eventually('Redis is asked again', async () => (await visitor.get('private')).ok);
    expect(lap().ownMs).toBeLessThan(ms);
    expect(await (await visitor.get('private')).json()).toEqual({ userId: 'alice' });
  };

  it.each<[string, 'crash' | 'freeze', 'start' | 'thaw']>([
    ['not running', 'crash', 'start'],
    ['frozen', 'freeze', 'thaw'],
  ])('%s, a session is a 503 in time, and works again afterwards', async (_, leave, comeBack) => {
    await server[leave]();
    try {
      expect((await visitor.get('public')).status).toBe(200);
      expect((await new Visitor(site).get('read')).status).toBe(200);
      await expectUnavailable(() => visitor.get('read'));
      await expectUnavailable(() => visitor.get('private'));
      await expectUnavailable(() => visitor.post('write', { note: 'a' }));
      await expectUnavailable(() => visitor.post('sign-out'));
      await expectUnavailable(() => new Visitor(site).post('write', { note: 'a' }));
      await expectUnavailable(() => new Visitor(site).post('sign-in?user=bob'));
    } finally {
      await server[comeBack]();
    }
    await expectSignedInWithin(BACK_WITHIN_MS);
  });

  it('many requests at once are all answered, and none is carried out later', async () => {
    await visitor.post('write', { note: 'before' });
    await server.crash();
    try {
      const late = Array.from({ length: 200 }, () => visitor.post('write', { note: 'late' }));
      const statuses = (await Promise.all(late)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([503]));
    } finally {
      await server.start();
    }
    await expectSignedInWithin(BACK_WITHIN_MS);
    expect(await (await visitor.get('read')).json()).toMatchObject({ note: 'before' });
  });

  it('the first refusal for each reason is one line in the log, the others are counted, and none has a stack', async () => {
    logRefusalsNow();
    const log = new Log();
    const own = await startApp(
      platform,
      { redis: server.url, storeTimeoutMs: STORE_TIMEOUT_MS },
      { controllers: [VisitorController] },
      (app) => app.useLogger(log),
    );
    const visitors = [];
    for (let i = 0; i < 20; i++) visitors.push(new Visitor(own));
    await visitor.post('write', { note: 'before' });
    await server.crash();
    try {
      for (const one of visitors) {
        const { status } = await one.post('write', { note: 'a' });
        expect(status).toBe(503);
      }
    } finally {
      await own.app.close();
      await server.start();
    }
    const { host } = new URL(server.url);
    // A line for each cause, of which there may be several: a container that stops resets connections before it refuses them.
    const outages = log.matching(/No connection to Redis/);
    expect(outages.filter((line) => !line.includes(`at ${host} (`))).toEqual([]);
    expect(outages.length).toBeGreaterThan(0);
    for (const line of new Set(outages)) {
      // One process has one log, and the other application has lost its connection, too.
      expect(outages.filter((other) => other === line).length).toBeLessThanOrEqual(2);
    }
    const [summary, ...others] = log.matching(/^\d+ more requests were refused\. /);
    expect(others).toEqual([]);
    // The first one for each reason: that it did not answer, that it is not asked meanwhile, that the connection was lost.
    const first = log.matching(/^Redis did not|^The connection/);
    expect(new Set(first).size).toBe(first.length);
    expect(Number.parseInt(summary!, 10) + first.length).toBe(20);
    expect(first.length).toBeLessThanOrEqual(4);
    expect(log.matching(/\n|^\s*at /)).toEqual([]);
    await expectSignedInWithin(BACK_WITHIN_MS);
  });

  it('and takes no writes, its connection is replaced once for all requests that are under way', async () => {
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(String(warning));
    process.on('warning', note);
    const admin = new Redis(server.url);
    await admin.replicaof('127.0.0.1', 1);
    try {
      const writes = Array.from({ length: 50 }, () => visitor.post('write', { note: 'late' }));
      const statuses = (await Promise.all(writes)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([503]));
    } finally {
      await admin.call('REPLICAOF', 'NO', 'ONE');
      admin.disconnect();
      process.off('warning', note);
    }
    await expectSignedInWithin(BACK_WITHIN_MS);
    expect(warnings).toEqual([]);
  });

  it('for its scripts only, nobody notices', async () => {
    const admin = new Redis(server.url);
    await admin.script('FLUSH');
    admin.disconnect();
    expect((await visitor.post('write', { note: 'a' })).status).toBe(201);
    await expectSignedInWithin(BACK_WITHIN_MS);
  });
});
