import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { SessionService } from 'nestjs-redis-session';
import { launchRedis } from '../redis-server/launch.js';
import { sessionOf } from './events/support/listening-site.js';
import { startApp, type TestApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { describeUnless, notOurs } from './support/obstacles.js';
import { type TestRedis, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

const defer = useCleanup();
const isContainer =
  process.env['REDIS_ENGINE'] === 'docker' && 'needs the data folder of Redis, not of a container';

interface Case {
  /** What docs/operating/when-redis-is-full-or-away.md says of it. */
  readonly answers: { slides: boolean; signIn: number; write: number; signOut: number };
  begin(redis: TestRedis): Promise<unknown>;
  /** A command of the page. */
  cure(redis: TestRedis): Promise<unknown>;
  end(redis: TestRedis): Promise<unknown>;
}

const REFUSES = { slides: false, signIn: 503, write: 503, signOut: 503 };
const inTheWay = ({ server }: TestRedis) => join(server.dataFolder!, 'dump.rdb');
const hasSaved = async ({ client }: TestRedis, how: 'ok' | 'err') => {
  await client.bgsave().catch(() => undefined);
  await eventually(`saving is ${how}`, async () => {
    const info = await client.info('persistence');
    return /rdb_bgsave_in_progress:0/.test(info) && info.includes(`_bgsave_status:${how}`);
  });
};

const CASES: Record<string, Case> = {
  'memory full': {
    answers: { slides: true, signIn: 503, write: 503, signOut: 201 },
    begin: ({ client }) => client.config('SET', 'maxmemory', '1'),
    cure: ({ client }) => client.config('SET', 'maxmemory', '2gb'),
    end: ({ client }) => client.config('SET', 'maxmemory', '0'),
  },
  'a snapshot that failed': {
    answers: REFUSES,
    begin: async (redis) => {
      await rm(inTheWay(redis), { force: true });
      await mkdir(join(inTheWay(redis), 'not empty'), { recursive: true });
      await hasSaved(redis, 'err');
    },
    cure: ({ client }) => client.config('SET', 'stop-writes-on-bgsave-error', 'no'),
    end: async (redis) => {
      await rm(inTheWay(redis), { recursive: true });
      await redis.client.config('SET', 'stop-writes-on-bgsave-error', 'yes');
      await hasSaved(redis, 'ok');
    },
  },
  'too few replicas': {
    answers: REFUSES,
    begin: ({ client }) => client.config('SET', 'min-replicas-to-write', '1'),
    cure: ({ client }) => client.config('SET', 'min-replicas-to-write', '0'),
    end: ({ client }) => client.config('SET', 'min-replicas-to-write', '0'),
  },
};

describeUnless(notOurs || isContainer, 'a site whose Redis refuses writes', () => {
  const redis = useRedis({ settings: { save: '3600 1', 'stop-writes-on-bgsave-error': 'yes' } });
  let site: TestApp;
  beforeAll(async () => {
    const session = { redis: redis.url, touchIntervalSeconds: 0, idleTimeoutSeconds: 600 };
    site = await startApp('express', session, { controllers: [VisitorController] });
  });
  afterAll(() => site?.app.close());

  const signedIn = async () => {
    const visitor = new Visitor(site);
    expect((await visitor.post('sign-in?user=ana')).status).toBe(201);
    return visitor;
  };
  const keyOf = async (visitor: Visitor) =>
    (await redis.client.keys(`session:*${sessionOf(visitor)}`))[0]!;

  it.each(Object.keys(CASES))('answers as the page says: %s', async (name) => {
    const { answers, begin, cure, end } = CASES[name]!;
    const [ana, other, sliding] = [await signedIn(), await signedIn(), await signedIn()];
    const key = await keyOf(sliding);
    // As if it had not been used for a while.
    await redis.client.pexpire(key, 300_000);
    const cookies = new Map(ana.jar.cookies);
    await begin(redis);
    defer(() => end(redis));
    expect((await sliding.get('private')).status).toBe(200);
    // A touch is not waited for. It was sent before this.
    expect((await ana.get('private')).status).toBe(200);
    const slides = async () => (await redis.client.pttl(key)) > 300_000;
    if (answers.slides) await eventually('it slides', slides);
    expect(await slides()).toBe(answers.slides);
    expect((await ana.post('write', { note: 'x' })).status).toBe(answers.write);
    expect((await new Visitor(site).post('sign-in?user=bob')).status).toBe(answers.signIn);
    expect((await other.post('sign-out')).status).toBe(answers.signOut);
    expect(ana.jar.cookies).toEqual(cookies);
    await cure(redis);
    expect((await ana.post('write', { note: 'x' })).status).toBe(201);
    expect((await ana.post('sign-out')).status).toBe(201);
  });

  it('refuses what must be durable on a replica, and ends it when asked again', async () => {
    const ana = await signedIn();
    const service = site.app.get(SessionService);
    await expect(service.revokeAllOfUser('ana', { durable: 'replica' })).rejects.toMatchObject({
      code: 'SESSION_STORE',
    });
    await service.revokeAllOfUser('ana');
    expect((await ana.get('private')).status).toBe(401);
  });
});

describeUnless(notOurs || isContainer, 'a backup that is restored', () => {
  it('has sessions that had ended since, until all from before are ended, and none that began since', async () => {
    const server = await launchRedis({ settings: { appendonly: 'no', save: '' } });
    defer(() => server.stop());
    const redis = { redis: server.url };
    const site = await startApp('express', redis, { controllers: [VisitorController] });
    defer(() => site.app.close());
    const signedIn = async (user: string) => {
      const visitor = new Visitor(site);
      expect((await visitor.post(`sign-in?user=${user}`)).status).toBe(201);
      return visitor;
    };
    const [stolen, blocked, kept] = [
      await signedIn('ana'),
      await signedIn('bob'),
      await signedIn('eve'),
    ];
    const copy = new Map(stolen.jar.cookies);
    const client = new Redis(server.url);
    await client.save();
    client.disconnect();
    const file = (name: string) => join(server.dataFolder!, name);
    await copyFile(file('dump.rdb'), file('backup.rdb'));
    await stolen.post('sign-out');
    await site.app.get(SessionService).revokeAllOfUser('bob');
    const late = await signedIn('joe');
    for (const [name, value] of copy) stolen.jar.cookies.set(name, value);
    const statuses = () =>
      Promise.all([stolen, blocked, kept, late].map(async (v) => (await v.get('private')).status));
    expect(await statuses()).toEqual([401, 401, 200, 200]);
    await server.crash();
    await copyFile(file('backup.rdb'), file('dump.rdb'));
    await server.start();
    await eventually('Redis is back', async () => (await kept.get('private')).status !== 503);
    expect(await statuses()).toEqual([200, 200, 200, 401]);
    await site.app.get(SessionService).revokeAll({ before: new Date() });
    expect(await statuses()).toEqual([401, 401, 401, 401]);
    expect((await (await signedIn('ana')).get('private')).status).toBe(200);
  });
});
