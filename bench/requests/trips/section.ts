import { BenchRedis } from '../../support/bench-redis.js';
import { ENTRANTS } from '../contestants/roster.js';
import type { Section } from '../section.js';
import { countTrips } from './count-trips.js';
import { DistantContestant } from './distant-contestant.js';
import { goalsOf } from './goals.js';
import { reportOf } from './report.js';
import type { TripsResult } from './result.js';

/** How often a response waits for Redis, and what is sent to it for that. */
export const trips: Section<TripsResult> = {
  name: 'trips',
  async measure({ works }, say) {
    const server = await BenchRedis.start();
    const contestants: DistantContestant[] = [];
    try {
      for (const entrant of ENTRANTS) {
        say(`start ${entrant}`);
        contestants.push(await DistantContestant.start(entrant, server.url));
      }
      say('count round trips');
      // All at once: most of the time they wait.
      const counted = await Promise.all(contestants.map((one) => countTrips(one, works)));
      const entries = contestants.map(({ process }, i) => [process.entrant, counted[i]!] as const);
      return { server: server.description, trips: Object.fromEntries(entries) };
    } finally {
      for (const contestant of contestants) await contestant.stop();
      await server.stop();
    }
  },
  report: reportOf,
  goals: ({ trips: counted }) => goalsOf(counted),
};
