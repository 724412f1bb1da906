import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { type RevokeAllOptions, Session, SessionService } from 'nestjs-redis-session';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { Instance } from './support/instance.js';
import { keyspaceFaults } from './support/keyspace-oracle.js';
import { startMonitor } from './support/monitor.js';
import { isQuestionForCutoffs, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

@Controller()
class CountController {
  @Get('count') count(@Session('count') count: number | undefined) {
    return { count: count ?? null };
  }
}

const redis = useRedis();
const defer = useCleanup();
let sites: TestApp[];
beforeAll(async () => {
  const metadata = { controllers: [VisitorController, CountController] };
  // No events: an instance learns of a cutoff by asking.
  const options = { redis: redis.url, storeTimeoutMs: 10_000 };
  sites = await Promise.all(PLATFORMS.map((platform) => startApp(platform, options, metadata)));
});
afterAll(() => Promise.all((sites ?? []).map(({ app }) => app.close())));

const service = (site = sites[0]!) => site.app.get(SessionService);

/** A browser of each instance with the same session. */
async function signedIn(user: string, note: string): Promise<Visitor[]> {
  const visitors = sites.map((site) => new Visitor(site));
  const [first, ...others] = visitors;
  await first!.post(`sign-in?user=${user}`);
  await first!.post('write', { note });
  for (const { jar } of others) {
    for (const [name, value] of first!.jar.cookies) jar.cookies.set(name, value);
  }
  return visitors;
}

const statuses = (visitors: readonly Visitor[], path = 'private') =>
  Promise.all(visitors.map(async (visitor) => (await visitor.get(path)).status));

describe('SessionService.revokeAll, on two instances', () => {
  it('ends sessions as revoked, and lets their users sign in again', async () => {
    const [visitors, other] = [await signedIn('ana', 'acme'), await signedIn('ben', 'zeta')];
    await service().revokeAll({ before: new Date(), where: { note: 'acme' } });
    const [refused] = await Promise.all(visitors.map((visitor) => visitor.get('private')));
    expect(await refused!.json()).toMatchObject({ code: 'SESSION_REVOKED' });
    expect(await service().listByUser('ana')).toEqual([]);
    expect(await statuses(other)).toEqual([200, 200]);
    expect(await statuses(await signedIn('ana', 'acme'))).toEqual([200, 200]);
    expect(await keyspaceFaults(redis.client)).toEqual([]);
  });

  it('ends sessions that only one field is read of, and gives others no more than that field', async () => {
    const [visitors, others] = [await signedIn('cleo', 'one'), await signedIn('dan', 'two')];
    await service().revokeAll({ before: Date.now(), where: { note: 'one' } });
    const count = async (visitor: Visitor) => (await visitor.get('count')).json();
    expect(await Promise.all(visitors.map(count))).toEqual([{ count: null }, { count: null }]);
    expect(await Promise.all(others.map(count))).toEqual([{ count: 1 }, { count: 1 }]);
  });

  it('ends sessions of guests with `guests`, and only then', async () => {
    const guest = new Visitor(sites[1]!);
    await guest.post('write', { note: 'mine' });
    const note = async () => ((await (await guest.get('read')).json()) as { note: unknown }).note;
    await service().revokeAll({ before: Date.now(), where: { note: 'mine' } });
    expect(await note()).toBe('mine');
    await service().revokeAll({ before: Date.now(), where: { note: 'mine' }, guests: true });
    expect(await note()).toBeNull();
    const later = new Visitor(sites[1]!);
    await later.post('write', { note: 'mine' });
    expect(await (await later.get('read')).json()).toMatchObject({ note: 'mine' });
  });

  it('ends all sessions from before without `where`', async () => {
    const visitors = await signedIn('eve', 'any');
    const before = (await service().listByUser('eve'))[0]!.createdAt.getTime() + 1;
    await service().revokeAll({ before: before - 60_000 });
    expect(await statuses(visitors)).toEqual([200, 200]);
    await service().revokeAll({ before });
    expect(await statuses(visitors)).toEqual([401, 401]);
    expect(await statuses(await signedIn('eve', 'any'))).toEqual([200, 200]);
  });

  it('refuses what is no moment and what is no single field, and ends nothing', async () => {
    const visitors = await signedIn('finn', 'any');
    const wrong: object[] = [
      {},
      { before: new Date('yesterday') },
      { before: NaN },
      { before: Infinity },
      { before: -1 },
      { before: '2026-01-01' },
      { before: Date.now() + 3_600_000 },
      { before: 1, where: {} },
      { before: 1, where: { note: 'any', count: 1 } },
      { before: 1, where: { note: undefined } },
      { before: 1, where: { note: null } },
      { before: 1, where: { note: { a: 1 } } },
      { before: 1, where: { note: NaN } },
      { before: 1, where: { '~user': 'finn' } },
      { before: 1, where: { note: 'x'.repeat(2000) } },
    ];
    for (const options of wrong) {
      await expect(service().revokeAll(options as RevokeAllOptions)).rejects.toMatchObject({
        code: 'SESSION_STATE',
      });
    }
    expect(await statuses(visitors)).toEqual([200, 200]);
  });

  it('is durable if asked to be', async () => {
    const visitors = await signedIn('gus', 'kept');
    await redis.client.config('SET', 'appendonly', 'yes');
    const revoke = service().revokeAll({
      before: Date.now(),
      where: { note: 'kept' },
      durable: 'replica',
    });
    // There is no replica, so it cannot be; it was carried out.
    await expect(revoke).rejects.toMatchObject({ code: 'SESSION_STORE' });
    await service().revokeAll({ before: Date.now(), where: { note: 'kept' } });
    expect(await statuses(visitors)).toEqual([401, 401]);
  });
});

describe('what cutoffs cost', () => {
  /** The questions that Redis got, and the commands of their scripts. */
  const questionsDuring = async (act: () => Promise<unknown>) => {
    const monitor = await startMonitor(redis.client);
    let questions = 0;
    const inScripts = new Set<string>();
    monitor.on('monitor', (_time: string, args: string[], source: string) => {
      if (source === 'lua' && args[1] === 'session-cutoffs') inScripts.add(args.join(' '));
      else if (isQuestionForCutoffs(args)) questions++;
    });
    const since = performance.now();
    await act();
    const seconds = (performance.now() - since) / 1000;
    await redis.client.ping();
    monitor.disconnect();
    return { questions, inScripts: [...inScripts], seconds };
  };

  it('is one command a second and instance under load, of the same cost however many there are', async () => {
    const instance = await Instance.open({ redis: redis.url });
    defer(() => instance.close());
    await instance.service.revokeAll({ before: 1, where: { note: 'a' } });
    const id = 'a'.repeat(32);
    const { questions, inScripts, seconds } = await questionsDuring(async () => {
      const until = performance.now() + 3000;
      while (performance.now() < until) await instance.service.find(id);
    });
    expect(questions).toBeGreaterThan(0);
    expect(questions).toBeLessThanOrEqual(Math.floor(seconds) + 1);
    expect(inScripts).toEqual(['HGET session-cutoffs version']);
  });

  it('is nothing without requests', async () => {
    const { questions } = await questionsDuring(() => wait(2500));
    expect(questions).toBe(0);
  });
});

describe('the key of the cutoffs, where something else writes to it', () => {
  const key = 'session-cutoffs';
  const future = () => String(Date.now() + 400 * 86_400_000);

  it.each<[string, () => string[][]]>([
    ['a text', () => [['set', key, 'x']]],
    ['a list', () => [['rpush', key, 'x']]],
    ['no version', () => [['hset', key, 'users', '1']]],
    [
      'no moments',
      () =>
        ['', 'x', '-1', '1e400', 'NaN', '0x7fffffffffffffff', '9'.repeat(400)].map((text, i) => [
          'hset',
          key,
          `users {"note":"${i}"}`,
          text,
          'users',
          text,
          'version',
          `${i}`,
        ]),
    ],
    [
      'a moment in the far future',
      () => [['hset', key, 'users', future(), 'guests', future(), 'version', 'f']],
    ],
    [
      'scopes of nothing',
      () => [
        [
          'hset',
          key,
          'version',
          's',
          ...[
            '',
            'user',
            'users ',
            'users {',
            'users {}',
            'users []',
            'users {"a":{}}',
            'users {"~user":"x"}',
            'users {"note":"any","b":1}',
            'guests null',
            '__proto__',
          ].flatMap((scope) => [scope, String(Date.now())]),
        ],
      ],
    ],
    [
      'ten thousand entries',
      () => [
        [
          'hset',
          key,
          'version',
          'm',
          ...Array.from({ length: 10_000 }, (_, i) => [`x${i}`, String(Date.now())]).flat(),
        ],
      ],
    ],
  ])('signs no user out by %s, and takes the next cutoff', async (_, commands) => {
    await redis.client.del(key);
    const visitors = await signedIn('hal', 'any');
    for (const [name, ...args] of commands()) {
      await redis.client.call(name!, args);
      const instance = await Instance.open({ redis: redis.url });
      defer(() => instance.close());
      expect(await instance.service.listByUser('hal')).not.toEqual([]);
    }
    await service().revokeAll({ before: Date.now(), where: { note: 'any' } });
    expect(await statuses(visitors)).toEqual([401, 401]);
    expect(await keyspaceFaults(redis.client)).toEqual([]);
    await redis.client.del(key);
  });

  it('lets users sign in where the clock of Redis was set back behind a cutoff, and ends what is from before', async () => {
    await redis.client.del(key);
    const old = await signedIn('ivy', 'any');
    await redis.client.hset(key, 'users', `${Date.now() + 3_600_000}`, 'version', 'ahead');
    await service().revokeAll({ before: 1000, where: { note: 'none' } });
    expect(await statuses(old)).toEqual([401, 401]);
    const visitors = await signedIn('ivy', 'any');
    expect(await statuses(visitors)).toEqual([200, 200]);
    await visitors[0]!.post('sign-in?user=ivy');
    expect(await statuses(visitors.slice(0, 1))).toEqual([200]);
    await redis.client.del(key);
  });

  it('holds at most a thousand tenants', async () => {
    await redis.client.del(key);
    const tenants = Array.from({ length: 1000 }, (_, i) => [
      `users {"note":"${i}"}`,
      `${Date.now()}`,
    ]);
    await redis.client.hset(key, 'version', 'many', ...tenants.flat());
    const revoke = (note: string) => service().revokeAll({ before: Date.now(), where: { note } });
    await expect(revoke('1000')).rejects.toMatchObject({ code: 'SESSION_STATE' });
    await revoke('999');
    await service().revokeAll({ before: 1000, guests: true });
    // Older than any session.
    await redis.client.hset(key, tenants[0]![0]!, '1000');
    await revoke('1000');
    expect(await redis.client.hget(key, tenants[0]![0]!)).toBeNull();
    await redis.client.del(key);
  });
});
