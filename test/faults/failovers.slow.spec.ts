import { setTimeout as wait } from 'node:timers/promises';
import { describeUnless, noServersThatMeet } from '../support/obstacles.js';
import { notInShort, times, withSeed } from '../support/scale.js';
import type { FailoverTimes } from './support/failover-ledger.js';
import { FailoverSite } from './support/failover-site.js';
import { type FailoverServers, onCluster, underSentinels } from './support/failover-servers.js';
import { ms, useFigures } from './support/figures.js';

const figure = useFigures();
/** TEST_SCALE=16 takes half an hour for each topology. */
const rounds = times(0, 1);
const ROUND_MS = 120_000;

describeUnless(notInShort() || noServersThatMeet, 'when one failover comes after the other', () => {
  it.each([
    { topology: 'Sentinel', start: underSentinels },
    { topology: 'Cluster', start: onCluster },
  ])(
    'F41 on $topology, nothing is lost, undone or left over, durable or not',
    async ({ topology, start }) => {
      const servers = await start();
      const sites: FailoverSite[] = [];
      try {
        const open = async (durable?: 'replica') => {
          const site = await FailoverSite.open(servers, durable);
          sites.push(site);
          return site;
        };
        // The same failovers for both.
        const failovers = await runFailovers(topology, servers, [
          await open(),
          await open('replica'),
        ]);
        const nodes = await servers.primaries();
        // Thousands of tokens that ended are tried.
        const wrongs = (await Promise.all(sites.map((site) => site.wrongs(failovers)))).flat();
        for (const site of sites) {
          site.report(figure, topology, failovers);
          wrongs.push(...(await site.site.faults(nodes)));
          await site.leave();
        }
        const kept = await Promise.all(nodes.map((node) => node.keys('*')));
        // The others say for some minutes that a session has ended, and when.
        const left = kept.flat().filter((key) => !/^session-(gone|epoch):/.test(key));
        figure('F41', `${topology}: keys left after all have signed out`, left.length, '0');
        expect(withSeed(wrongs)).toEqual([]);
        expect(left).toEqual([]);
      } finally {
        await Promise.all(sites.map(({ site }) => site.close()));
        await servers.stop();
      }
    },
    2 * rounds * ROUND_MS + 600_000,
  );
});

async function runFailovers(
  topology: string,
  servers: FailoverServers,
  sites: readonly [plain: FailoverSite, durable: FailoverSite],
): Promise<FailoverTimes[]> {
  const [plain] = sites;
  const failovers: FailoverTimes[] = [];
  const crowds = sites.map(({ crowd }) => crowd);
  for (const crowd of crowds) crowd.start();
  try {
    for (let round = 0; round < rounds; round++) {
      const way = servers.ways[round % servers.ways.length]!;
      await Promise.all(crowds.map((crowd) => crowd.untilSignedOut(3)));
      const inStepAt = performance.now();
      await servers.untilInStep();
      const begunAt = performance.now();
      const failover = await servers.failOver(way);
      const replacedAt = performance.now();
      const laps = crowds.map(({ ledger }) => ledger.stopwatch!.start());
      // By itself: the old primary is still away. Durable writes need a replica, which may be that one.
      await plain.crowd.untilWell();
      await failover.heal();
      const healedAt = performance.now();
      await Promise.all(crowds.map((crowd) => crowd.untilWell()));
      const moments = { inStepAt, begunAt, replacedAt, healedAt, wellAt: performance.now() };
      failovers.push(moments);
      for (const [i, site] of sites.entries()) await site.afterFailover(laps[i]!().delayMs);
      process.stdout.write(`F41 ${topology} ${round + 1}, ${way}: ${said(moments, sites)}\n`);
      if (round + 1 < rounds) await wait(Math.max(0, begunAt + ROUND_MS - performance.now()));
    }
  } finally {
    await Promise.all(crowds.map((crowd) => crowd.stop()));
  }
  return failovers;
}

function said(moments: FailoverTimes, sites: readonly FailoverSite[]): string {
  const figures = sites.map((site) => {
    const { yes, wrongs } = site.crowd.ledger;
    const heap = site.heaps.at(-1)!.map((bytes) => (bytes / 1e6).toFixed(1));
    return `${site.name}: last refusal after ${ms(site.lastRefusalAfter(moments.begunAt, moments.wellAt))}, ${yes} answers, ${wrongs.length} lost or undone, heaps ${heap.join(' and ')} MB`;
  });
  const { begunAt, replacedAt, healedAt } = moments;
  return `replaced after ${ms(replacedAt - begunAt)}, healed after ${ms(healedAt - begunAt)}; ${figures.join('; ')}`;
}
