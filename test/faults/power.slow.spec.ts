import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describeUnless, noShimForRedis, notOurs } from '../support/obstacles.js';
import type { FaultSiteSettings } from './app/fault-site.settings.js';
import type { Crowd } from './support/crowd.js';
import { FaultSite } from './support/fault-site.js';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { ms, useFigures } from './support/figures.js';
import { seed, times } from '../support/scale.js';
import { SignedIn } from './support/signed-in.js';
import { buildShim, type Shim } from './support/shim.js';
import { patientClient, useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();

/** Several answers: a script writes about 500. */
const UNSYNCED_BYTES = 2000;

type Site = Pick<Partial<FaultSiteSettings>, 'session' | 'durable'>;

describeUnless(noShimForRedis, 'when the power fails', () => {
  let shim: Shim;
  beforeAll(async () => {
    shim = await buildShim('synced');
  });
  afterAll(() => shim?.remove());

  it('F05 under load, with appendfsync always nothing is lost and nobody who signed out is back', async () => {
    const { lost, undone } = await failAgainAndAgain('always', times(1, 3));
    expect({ lost, undone }).toEqual({ lost: 0, undone: 0 });
  }, 300_000);

  it('F05 under load, with appendfsync everysec what is lost is of the last two seconds', async () => {
    const { lost, ownWindowMs } = await failAgainAndAgain('everysec', times(1, 3));
    // Else this would not have been a power cut.
    expect(lost).toBeGreaterThan(0);
    expect(ownWindowMs).toBeLessThan(2000);
  }, 300_000);

  it('F05 under load, with appendfsync everysec nobody is back who signed out with durable: disk; or it is refused', async () => {
    const site = { durable: 'disk', session: { durableTimeoutMs: 10_000 } } as const;
    const answer = await answerToSignIn(site);
    const { undone } =
      answer === 200 ? await failAgainAndAgain('everysec', times(1, 3), site) : { undone: 0 };
    expect({ answer, undone }).toEqual({ answer: answer === 200 ? 200 : 503, undone: 0 });
  }, 300_000);

  async function failAgainAndAgain(appendfsync: string, rounds: number, site: Site = {}) {
    let [lost, undone, windowMs, ownWindowMs, signOuts, yes] = [0, 0, 0, 0, 0, 0];
    for (let round = 0; round < rounds; round++) {
      const server = await launchRedis({ settings: { appendfsync }, env: shim.env });
      try {
        const told = await failOnce(server, seed + 37 * round, appendfsync, site);
        windowMs = Math.max(windowMs, told.windowMs);
        ownWindowMs = Math.max(ownWindowMs, told.windowMs - told.delayMs);
        lost += told.ledger.of('lost').length;
        undone += told.ledger.of('undone').length;
        signOuts += told.ledger.signOuts;
        yes += told.ledger.yes;
        expect(told.ledger.of('foreign', 'double', 'cookie', 'error')).toEqual([]);
      } finally {
        await server.stop();
      }
    }
    const what = `${appendfsync}${site.durable ? `, durable: ${site.durable}` : ''}: `;
    const goal = appendfsync === 'always' ? '0' : 'of the last second';
    figure('F05', `${what}found missing after ${rounds} power cuts, of ${yes} answers`, lost, goal);
    figure('F05', `${what}sign-outs undone, of ${signOuts}`, undone, site.durable ? '0' : goal);
    figure('F05', `${what}time that was lost, at most`, ms(windowMs), goal);
    return { lost, undone, ownWindowMs };
  }
});

describeUnless(notOurs, 'when the last bytes of the append-only file are missing', () => {
  const bench = useFaultBench({ instances: 1 });

  it('F07 Redis starts, and every session that is there is whole', async () => {
    const crowd = bench.site.crowd({ seed });
    await crowd.during(() => crowd.untilYes(times(100, 1000)));
    await bench.server.crash();
    const file = appendOnlyFile(bench.server);
    truncateSync(file, statSync(file).size - 50);
    await bench.server.start();
    await bench.admin.ping();
    await crowd.during(() => crowd.untilYes(50));
    await crowd.reckon();
    const { ledger } = crowd;
    figure('F07', 'found missing after 50 bytes were cut off', ledger.of('lost').length, '1');
    expect(ledger.of('foreign', 'double', 'cookie', 'error')).toEqual([]);
    // They are less than a script has written, and a script writes for one user.
    const users = ledger.of('lost', 'undone').map((what) => /user-\d+/.exec(what)?.[0]);
    expect(new Set(users).size).toBeLessThanOrEqual(1);
    expect(await bench.site.faults([bench.admin])).toEqual([]);
  }, 60_000);
});

/** On a server that cannot be believed nobody signs in; which those are is a test of its own. */
async function answerToSignIn(options: Site): Promise<number> {
  const server = await launchRedis();
  const site = await FaultSite.open({ ...options, redis: server.url, instances: 1 });
  try {
    return (await new SignedIn(site.urls[0]!).post('sign-in', { user: 'alice' })).status;
  } finally {
    await site.close();
    await server.stop();
  }
}

/** What is lost is up to Redis, so one instance is enough. */
async function failOnce(
  server: RedisServer,
  crowdSeed: number,
  appendfsync: string,
  options: Site,
) {
  const site = await FaultSite.open({ ...options, redis: server.url, instances: 1 });
  const admin = patientClient(server.url);
  try {
    const crowd = site.crowd({ seed: crowdSeed });
    const { delayMs } = await crowd.during(async () => {
      const lap = crowd.ledger.stopwatch!.start();
      // Somewhere within a second, each time elsewhere.
      await crowd.untilYes(100 + (crowdSeed % 100));
      if (appendfsync === 'everysec') await freezeUnsynced(server, crowd);
      await server.crash();
      return lap();
    });
    const windowMs = cutToWhatIsOnDisk(server);
    await server.start();
    await crowd.during(() => crowd.untilYes(1));
    await crowd.reckon();
    expect(await site.faults([admin])).toEqual([]);
    return { windowMs, delayMs, ledger: crowd.ledger };
  } finally {
    admin.disconnect();
    await site.close();
  }
}

function appendOnlyFile({ dataFolder }: RedisServer): string {
  const folder = join(dataFolder!, 'appendonlydir');
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.incr.aof'))!,
  );
}

/** Stops it while answers are out for what is not on its disk yet, or a power cut would lose nothing. */
async function freezeUnsynced(server: RedisServer, crowd: Crowd): Promise<void> {
  for (;;) {
    await crowd.untilYes(5);
    await server.freeze();
    const { file, syncedBytes } = onDisk(server);
    if (statSync(file).size - syncedBytes > UNSYNCED_BYTES) return;
    await server.thaw();
  }
}

/** @returns how long before now that was. */
function cutToWhatIsOnDisk(server: RedisServer): number {
  const { file, syncedBytes, syncedAtMs } = onDisk(server);
  const windowMs = statSync(file).mtimeMs - syncedAtMs;
  truncateSync(file, syncedBytes);
  return windowMs;
}

/** How much of the append-only file was on the disk when. */
function onDisk(server: RedisServer) {
  const file = appendOnlyFile(server);
  const record = `${file}.synced`;
  if (!existsSync(record)) return { file, syncedBytes: 0, syncedAtMs: statSync(file).birthtimeMs };
  const syncedBytes = Number(readFileSync(record, 'utf8'));
  return { file, syncedBytes, syncedAtMs: statSync(record).mtimeMs };
}
