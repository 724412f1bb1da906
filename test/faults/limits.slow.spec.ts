import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionDoctor } from 'nestjs-redis-session/doctor';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { eventually } from '../support/eventually.js';
import { ANSWERED_WITHIN_MS } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { recovery } from './support/recovery.js';
import { seed, times } from '../support/scale.js';
import { expectRefused, KEYS, SignedIn } from './support/signed-in.js';
import { patientClient, useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();

describeUnless(notOurs, 'when Redis does not do everything any more', () => {
  const bench = useFaultBench({ server: { settings: { 'stop-writes-on-bgsave-error': 'yes' } } });
  const url = () => bench.site.urls[0]!;
  beforeEach(() => bench.admin.flushall());

  it('F27 for its memory is full, those who are signed in go on and can sign out', async () => {
    const [alice, bob] = [await SignedIn.at(url(), 'alice'), await SignedIn.at(url(), 'bob')];
    await bench.admin.config('SET', 'maxmemory', '1');
    try {
      await bench.admin.pexpire(KEYS.session(alice.id), 60_000);
      expect(await alice.status('me')).toBe(200);
      await eventually('the touch', async () => (await alice.ttlMs(bench.admin)) > 60_000);
      await expectRefused(await new SignedIn(url()).post('sign-in', { user: 'carol' }));
      await expectRefused(await alice.post('note', { note: 'one more' }));
      const old = bob.jar.header;
      expect((await bob.post('sign-out')).status).toBe(200);
      expect((await fetch(`${url()}/me`, { headers: { cookie: old } })).status).toBe(401);
      expect(await alice.status('me')).toBe(200);
    } finally {
      await bench.admin.config('SET', 'maxmemory', '0');
    }
    expect((await alice.post('note', { note: 'one more' })).status).toBe(200);
    expect(await bench.site.faults([bench.admin])).toEqual([]);
  });

  it('F28 for it may evict what it likes, the doctor says so, and a sign-out everywhere is complete', async () => {
    await bench.admin.config('SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', '100mb');
    try {
      const findings = await new SessionDoctor(bench.admin).examine();
      expect(findings.find(({ check }) => check === 'eviction')).toMatchObject({
        severity: 'problem',
      });
      await expectCompleteWithoutSet('olga');
    } finally {
      await bench.admin.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
    }
  });

  it('F29 for it has lost the set of a user, their next request mends it, and nobody escapes a sign-out', async () => {
    const alice = await SignedIn.at(url(), 'alice');
    await bench.admin.del(KEYS.user('alice'));
    expect(await alice.status('me')).toBe(200);
    await eventually(
      'the set has it again',
      async () => (await bench.admin.sismember(KEYS.user('alice'), alice.id)) === 1,
    );
    await expectCompleteWithoutSet('carol');
  });

  /** What is in no set ends at its next touch, by the epoch. */
  async function expectCompleteWithoutSet(user: string): Promise<void> {
    const [lost, kept] = [await SignedIn.at(url(), user), await SignedIn.at(url(), user)];
    await bench.admin.srem(KEYS.user(user), lost.id);
    expect((await kept.post('sign-out-others')).status).toBe(200);
    await lost.get('me');
    await eventually('it is over', async () => (await lost.status('me')) === 401);
    expect(await kept.status('me')).toBe(200);
  }

  it('F30 for it could not save, it is read as ever, nobody is told they are signed out, and it recovers', async () => {
    const alice = await SignedIn.at(url(), 'alice');
    const inTheWay = join(bench.server.dataFolder!, 'dump.rdb');
    const saved = async (how: string) => {
      await bench.admin.bgsave().catch(() => undefined);
      await eventually(`saving is ${how}`, async () => {
        const info = await bench.admin.info('persistence');
        return /rdb_bgsave_in_progress:0/.test(info) && info.includes(`_bgsave_status:${how}`);
      });
    };
    await rm(inTheWay, { force: true });
    await mkdir(join(inTheWay, 'not empty'), { recursive: true });
    try {
      await saved('err');
      expect(await alice.status('me')).toBe(200);
      const cookie = alice.jar.header;
      await expectRefused(await alice.post('sign-out'));
      await expectRefused(await new SignedIn(url()).post('sign-in', { user: 'bob' }));
      expect(alice.jar.header).toBe(cookie);
      expect(await alice.status('me')).toBe(200);
    } finally {
      await rm(inTheWay, { recursive: true });
    }
    await saved('ok');
    expect((await alice.post('sign-out')).status).toBe(200);
    expect(await bench.site.faults([bench.admin])).toEqual([]);
  });

  it('F34 for the script of somebody else does not end, every request is answered in time', async () => {
    const rude = patientClient(bench.server.url);
    await bench.admin.config('SET', 'lua-time-limit', '50');
    const crowd = bench.site.crowd({ seed });
    const back = await crowd.during(async () => {
      await crowd.untilYes(50);
      const endless = rude.eval('while true do end', 0).catch(() => undefined);
      await crowd.untilRefused(times(200, 1000));
      const lap = await recovery(crowd, () => bench.admin.script('KILL'));
      await endless;
      await crowd.untilYes(50);
      return lap;
    });
    rude.disconnect();
    figure('F34', 'slowest answer while Redis was busy', ms(crowd.ledger.slowestMs), '300 ms');
    figure('F34', 'first yes afterwards', ms(back.tookMs), '500 ms');
    expect(crowd.ledger.slowestOwnMs).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);
});
