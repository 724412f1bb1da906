import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describeUnless, noShim, noShimForRedis } from '../support/obstacles.js';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { eventually } from '../support/eventually.js';
import { FaultSite } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { times, seed } from '../support/scale.js';
import { buildShim, type Shim } from './support/shim.js';
import { KEYS, SignedIn } from './support/signed-in.js';
import { patientClient } from './support/use-fault-bench.js';
import { useCleanup } from '../support/cleanup.js';

const figure = useFigures();
const defer = useCleanup();
const HOUR_MS = 3_600_000;
const IDLE_SECONDS = 1800;
const TOLERANCE_MS = 20_000;

let shim: Shim;
const clockFile = (name: string) => join(shim.folder, name);
/** Moves the clock of whoever was started with this file, in place: who reads it meanwhile must not find it empty. */
const moveClock = (name: string, seconds: number) => {
  const file = openSync(clockFile(name), constants.O_RDWR | constants.O_CREAT);
  writeSync(file, `${seconds}`.padEnd(16));
  closeSync(file);
};
const underClock = (name: string) => ({ ...shim.env, CLOCK_FILE: clockFile(name) });

describeUnless(noShim, 'when the clock of', () => {
  beforeAll(async () => {
    shim = await buildShim('clock');
  });
  afterAll(() => shim?.remove());

  describe('the application', () => {
    let server: RedisServer;
    let site: FaultSite;
    beforeAll(async () => {
      server = await launchRedis();
      for (const name of ['0', '1']) moveClock(name, 0);
      site = await FaultSite.open({
        redis: server.url,
        instances: 2,
        session: { idleTimeoutSeconds: IDLE_SECONDS },
        process: (i) => ({ env: underClock(`${i}`) }),
      });
    });
    afterAll(async () => {
      await site?.close();
      await server?.stop();
    });

    it('F39 jumps by an hour, each instance its own way, sessions end when they would have', async () => {
      const admin = patientClient(server.url);
      defer(() => admin.disconnect());
      const crowd = site.crowd({ seed });
      let users: SignedIn[] = [];
      await crowd.during(async () => {
        await crowd.untilYes(50);
        const before = await Promise.all(site.urls.map((url) => SignedIn.at(url, 'alice')));
        moveClock('0', 3600);
        moveClock('1', -3600);
        const after = await Promise.all(site.urls.map((url) => SignedIn.at(url, 'bob')));
        users = [...before, ...after];
        await crowd.untilYes(times(100, 1000));
        for (const user of users) expect(await user.status('me')).toBe(200);
      });
      await crowd.reckon();
      for (const [i, ahead] of [1, -1].entries()) {
        // The shim bites, or this would prove nothing.
        const { now } = await site.instances[i]!.vitals();
        expect(Math.abs(now - Date.now() - ahead * HOUR_MS)).toBeLessThan(TOLERANCE_MS);
      }
      const left = await Promise.all(users.map((user) => user.ttlMs(admin)));
      const apart = Math.max(...left) - Math.min(...left);
      figure('F39', 'ends of sessions, of instances two hours apart, differ by', ms(apart), '0 ms');
      expect(Math.abs(Math.max(...left) - IDLE_SECONDS * 1000)).toBeLessThan(TOLERANCE_MS);
      expect(apart).toBeLessThan(TOLERANCE_MS);
      expect(crowd.ledger.wrongs).toEqual([]);
      expect(await site.faults([admin])).toEqual([]);
    }, 60_000);
  });

  describeUnless(noShimForRedis, 'a replica', () => {
    const ends: (() => Promise<unknown>)[] = [];
    afterAll(() => Promise.all(ends.map((end) => end())));

    it('F21 is 45 minutes slow and it takes over, no session outlives its deadline for good', async () => {
      moveClock('replica', -2700);
      const primary = await launchRedis();
      const replica = await launchRedis({ env: underClock('replica') });
      const admin = patientClient(replica.url);
      ends.push(async () => admin.disconnect(), replica.stop, primary.stop);
      const { port } = new URL(primary.url);
      await admin.replicaof('127.0.0.1', port);
      // More than the clock is slow: a touch by that clock must not be the end of the session.
      const session = { idleTimeoutSeconds: 3600, absoluteTimeoutSeconds: 3600 };
      const before = await FaultSite.open({ redis: primary.url, instances: 1, session });
      ends.push(() => before.close());
      const alice = await SignedIn.at(before.urls[0]!, 'alice');
      const key = KEYS.session(alice.id);
      await eventually('it is replicated', async () => (await admin.exists(key)) === 1);
      const endsAt = Number(await admin.hget(key, '~until'));
      await before.close();
      await primary.crash();
      await admin.replicaof('NO', 'ONE');

      const after = await FaultSite.open({ redis: replica.url, instances: 1, session });
      ends.push(() => after.close());
      const there = new SignedIn(after.urls[0]!);
      for (const [name, value] of alice.jar.cookies) there.jar.cookies.set(name, value);
      const replicaTime = async () => Number((await admin.time())[0]) * 1000;
      expect(Math.abs((await replicaTime()) - Date.now() + 2_700_000)).toBeLessThan(TOLERANCE_MS);
      expect(await there.status('me')).toBe(200);
      // By its own clock it has as long as ever; once the clock is right, what is left is what was promised.
      moveClock('replica', 0);
      await eventually('it is served', async () => (await there.status('me')) === 200);
      expect(Number(await admin.hget(key, '~until'))).toBe(endsAt);
      const tooLongMs = async () => (await replicaTime()) + (await admin.pttl(key)) - endsAt;
      await eventually('the touch by the right clock', async () => (await tooLongMs()) <= 1000);
      const over = Math.max(0, await tooLongMs());
      figure('F21', 'what a slow replica adds to the absolute deadline', ms(over), '0 ms');
    }, 60_000);
  });
});
