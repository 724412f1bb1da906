import { Redis } from 'ioredis';
import { tag } from 'nestjs-redis-session';
import { type Finding, SessionDoctor } from 'nestjs-redis-session/doctor';
import { launchRedis, type RedisServer } from '../redis-server/launch.js';
import { startListeningSite } from './events/support/listening-site.js';
import { readText } from './support/documentation.js';
import { eventually } from './support/eventually.js';
import { describeUnless, noServersThatMeet } from './support/obstacles.js';
import { useRedis } from './support/redis.js';
import { runCli, runCliWith } from './support/run-cli.js';
import { Visitor } from './support/visitor.js';

async function callsOf(client: Redis): Promise<Map<string, string>> {
  const stats = await client.info('commandstats');
  return new Map([...stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, a, b]) => [a!, b!]));
}

function of(findings: readonly Finding[], check: string): Finding {
  const finding = findings.find((candidate) => candidate.check === check);
  if (!finding) throw new Error(`The doctor did not look at ${check}.`);
  return finding;
}

describe('the doctor, at a Redis with the settings of this project', () => {
  const redis = useRedis();

  it('finds no problem', async () => {
    const findings = await new SessionDoctor(redis.client).examine();
    expect(findings.filter(({ severity }) => severity === 'problem')).toEqual([]);
    expect(of(findings, 'persistence').severity).toBe('ok');
    expect(of(findings, 'eviction').severity).toBe('ok');
    expect(of(findings, 'hash-max-listpack-value').severity).toBe('ok');
    expect(of(findings, 'clock').severity).toBe('ok');
    expect(of(findings, 'search').severity).toBe(redis.server.hasSearch ? 'ok' : 'note');
    expect(of(findings, 'timeout').severity).toBe('ok');
    expect(of(findings, 'maxclients').severity).toBe('ok');
  });

  it('warns of a user without a password', async () => {
    const findings = await new SessionDoctor(redis.client).examine();
    expect(of(findings, 'access')).toMatchObject({ severity: 'warning' });
  });

  it('changes nothing: it sends commands that read, and no other', async () => {
    await redis.client.set('session:{0000}:x', 'y', 'PX', 60_000);
    // MONITOR keeps commands of administrators to itself; these counters do not.
    const before = await callsOf(redis.client);
    await new SessionDoctor(redis.client).examine();
    const after = await callsOf(redis.client);
    const sent = [...after].filter(([name, calls]) => calls !== before.get(name));
    const reading = [
      'acl|getuser',
      'acl|whoami',
      'config|get',
      'hget',
      'info',
      'pttl',
      'scan',
      'time',
    ];
    const searching = redis.server.hasSearch ? ['FT._LIST'] : [];
    expect(sent.map(([name]) => name).toSorted()).toEqual([...searching, ...reading]);
    await redis.client.del('session:{0000}:x');
  });

  it('finds keys of sessions that would stay for ever, and no keys of others', async () => {
    await redis.client.mset('app:session:{0000}:x', '1', 'app:other', '1');
    const doctor = new SessionDoctor(redis.client, 'app:');
    expect(of(await doctor.examine(), 'times to live')).toMatchObject({
      severity: 'problem',
      finding: '1 of 1 keys that were looked at would stay for ever',
    });
    await redis.client.del('app:session:{0000}:x', 'app:other');
  });

  it('has nothing against any key of the library, of which two stay for ever', async () => {
    const site = await startListeningSite(
      'express',
      { redis: redis.url, ...(redis.server.hasSearch && { index: { tenant: tag('tenant') } }) },
      { stream: {} },
    );
    const visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    await redis.client.hset('session-index-state:0123abcd', 'complete', '');
    await eventually('the event is in the stream', async () =>
      Boolean(await redis.client.exists('session-events')),
    );
    expect(await redis.client.ttl('session-events')).toBe(-1);
    const findings = await new SessionDoctor(redis.client).examine();
    await site.app.close();
    await redis.client.flushall();
    expect(findings.filter(({ severity }) => severity === 'problem')).toEqual([]);
    expect(of(findings, 'times to live').finding).toMatch(/^all of [^0]/);
    expect(findings.filter(({ check }) => check === 'key prefix')).toEqual([]);
  });

  it('finds keys of another application under the same prefix', async () => {
    await redis.client.mset('session:8b1f', '1', 'sessions', '1', 'other', '1');
    const findings = await new SessionDoctor(redis.client).examine();
    await redis.client.del('session:8b1f', 'sessions', 'other');
    expect(of(findings, 'key prefix')).toMatchObject({ severity: 'warning' });
    expect(of(findings, 'key prefix').finding).toMatch(/^2 of the keys /);
    expect(of(findings, 'times to live').severity).toBe('ok');
  });

  it('counts sessions of another layout, and says nothing where all have its own', async () => {
    const put = (id: string, layout: string) =>
      redis.client.hset(`lay:session:{0000}:${id}`, '~v', layout);
    await Promise.all([put('a', '1'), put('b', '1')]);
    const doctor = new SessionDoctor(redis.client, 'lay:');
    expect((await doctor.examine()).filter(({ check }) => check === 'layout')).toEqual([]);
    await Promise.all([put('c', '2'), put('d', '2'), put('e', '0')]);
    const finding = of(await doctor.examine(), 'layout');
    await redis.client.del(...'abcde'.split('').map((id) => `lay:session:{0000}:${id}`));
    expect(finding.severity).toBe('warning');
    expect(finding.finding).toMatch(
      /^of 5 sessions that were looked at 1 have layout 0, 2 have layout 2: /,
    );
  });

  it('makes do with what the user of the documentation may ask', async () => {
    const [, rules = ''] = /^ACL SETUSER shop ([^`]+)```/m.exec(readText('docs/security.md')) ?? [];
    await redis.client.call('ACL', 'SETUSER', 'shop', ...rules.trim().split(/\s+/));
    const { hostname, port } = new URL(redis.url);
    const credentials = { username: 'shop', password: 'password', disconnectTimeout: 50 };
    const client = new Redis({ host: hostname, port: Number(port), ...credentials });
    const findings = await new SessionDoctor(client, 'shop:').examine();
    client.disconnect();
    await redis.client.call('ACL', 'DELUSER', 'shop');
    expect(of(findings, 'access').severity).toBe('ok');
    expect(of(findings, 'times to live').severity).toBe('unknown');
    expect(of(findings, 'eviction').severity).toBe('ok');
  });

  it('prints a table, and exits with 0', async () => {
    const { code, out, err } = await runCli('doctor', redis.url);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^ok +eviction +noeviction$/m);
    expect(out).toMatch(/^WARNING +access /m);
  });

  it('prints JSON for programs', async () => {
    const { out } = await runCli('doctor', redis.url, '--json');
    expect(of(JSON.parse(out) as Finding[], 'eviction').severity).toBe('ok');
  });
});

describe('the doctor, at a Redis that is no home for sessions', () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await launchRedis({
      settings: {
        appendonly: 'no',
        save: '',
        maxmemory: '100mb',
        'maxmemory-policy': 'allkeys-lru',
        'hash-max-listpack-value': '64',
        timeout: '60',
        maxclients: '20',
      },
    });
    client = new Redis(server.url, { disconnectTimeout: 50 });
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });

  it('finds what loses sessions, and says what to do', async () => {
    const findings = await new SessionDoctor(client).examine();
    expect(of(findings, 'persistence')).toMatchObject({
      severity: 'problem',
      advice: 'Set appendonly yes.',
    });
    expect(of(findings, 'eviction')).toMatchObject({ severity: 'problem' });
    expect(of(findings, 'hash-max-listpack-value')).toMatchObject({ severity: 'note' });
    expect(of(findings, 'memory').finding).toMatch(/of 100 MB used/);
    expect(of(findings, 'timeout')).toMatchObject({
      severity: 'warning',
      advice: 'Set timeout 0. Redis finds dead connections by tcp-keepalive.',
    });
    expect(of(findings, 'maxclients').severity).toBe('warning');
    expect(of(findings, 'maxclients').finding).toMatch(/^\d+ of 20 connections are taken: /);
  });

  it('exits with 1, for pipelines', async () => {
    const { code, out } = await runCli('doctor', server.url);
    expect(code).toBe(1);
    expect(out).toMatch(/^PROBLEM +persistence .*signs everybody out$/m);
  });

  it('tells a replica from a primary', async () => {
    const primary = await launchRedis();
    const { hostname, port } = new URL(primary.url);
    await client.replicaof(hostname, Number(port));
    const findings = await new SessionDoctor(client).examine();
    await client.call('REPLICAOF', 'NO', 'ONE');
    await primary.stop();
    expect(of(findings, 'replication')).toMatchObject({ severity: 'problem' });
  });
});

describeUnless(noServersThatMeet, 'the doctor, at a primary with replicas', () => {
  const primary = useRedis();
  const replicas = [useRedis(), useRedis()];
  beforeAll(async () => {
    const { hostname, port } = new URL(primary.url);
    for (const { client } of replicas) await client.replicaof(hostname, Number(port));
    await eventually('the primary knows its replicas', async () =>
      /connected_slaves:2/.test(await primary.client.info('replication')),
    );
  });
  const prioritiesAre = async (...priorities: number[]) => {
    for (const [i, { client }] of replicas.entries()) {
      await client.config('SET', 'replica-priority', priorities[i]!);
    }
    return of(await new SessionDoctor(primary.client).examine(), 'replica-priority');
  };

  it('has nothing against replicas that are equal, and compares their clocks', async () => {
    expect(await prioritiesAre(100, 100)).toMatchObject({
      severity: 'ok',
      finding: '100 at each replica',
    });
    const findings = await new SessionDoctor(primary.client).examine();
    expect(of(findings, 'clocks').finding).toMatch(/^those of 3 servers agree/);
  });

  it.each([
    [100, 10],
    [100, 0],
  ])(
    'warns of the priorities %d and %d: the one that is elected may lack writes',
    async (...two) => {
      const { severity, finding, advice } = await prioritiesAre(...two);
      expect(severity).toBe('warning');
      expect(finding).toMatch(/so durable: 'replica' cannot be relied on$/);
      expect(advice).toContain('Set the same replica-priority');
    },
  );

  it('warns where no replica may take over', async () => {
    expect((await prioritiesAre(0, 0)).finding).toMatch(/^0: no replica may take over/);
  });

  it('says how many replicas did not tell', async () => {
    await prioritiesAre(100, 100);
    await replicas[1]!.server.freeze();
    const findings = await new SessionDoctor(primary.client).examine();
    await replicas[1]!.server.thaw();
    expect(of(findings, 'replica-priority')).toMatchObject({
      severity: 'unknown',
      finding: '1 of the replicas did not tell',
    });
  });
});

describe('the doctor, where there is nothing to look at', () => {
  it('exits with 2 and repeats no password', async () => {
    const { code, out, err } = await runCli('doctor', 'redis://:secret@127.0.0.1:1');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/could not be looked at: ECONNREFUSED/);
    expect(err).not.toContain('secret');
  });

  it.each([[['doctor']], [['cure', 'me']], [[]]])('exits with 2 for %j', async (args) => {
    expect((await runCliWith({ REDIS_URL: '' }, ...args)).code).toBe(2);
  });

  it('explains itself', async () => {
    expect((await runCli('--help')).out).toContain('doctor [url]');
  });
});
