import type { Entrant } from '../contestants/roster.js';
import { openConnections, runLoad } from '../load/load.js';
import { signInAll } from '../load/visitors.js';
import { WORKS, type WorkName } from '../load/works.js';
import type { Section } from '../section.js';
import type { ContestantProcess } from '../stand/contestant-process.js';
import { openStand } from '../stand/stand.js';
import { reportOf } from './report.js';
import type { ProfileResult } from './result.js';
import { type TimeOfOwners, timeOfOwners } from './time-of-owners.js';

const PROFILED: readonly Entrant[] = [
  'express/none',
  'express/bare',
  'express/ours',
  'express/express-session',
  'fastify/none',
  'fastify/bare',
  'fastify/ours',
  'fastify/fastify-session',
];
const WORKS_PROFILED: readonly WorkName[] = ['read', 'write'];
const BYTES = 300;
const CONCURRENCY = 32;
const VISITORS = 200;
const WARM_UP = 2500;
const REQUESTS = 5000;

/** In whose code the time of a request goes. A program that is looked at is slower than it is: only parts are compared. */
export const profile: Section<ProfileResult> = {
  name: 'profile',
  async measure(plan, say) {
    const stand = await openStand(PROFILED, say);
    try {
      const cookies = await signInAll(stand.contestants, VISITORS, BYTES);
      const entries: [WorkName, Record<string, TimeOfOwners>][] = [];
      for (const work of WORKS_PROFILED.filter((name) => plan.works.includes(name))) {
        const times: Record<string, TimeOfOwners> = {};
        for (const [i, contestant] of stand.contestants.entries()) {
          say(WORKS[work].title, i / PROFILED.length);
          times[contestant.entrant] = await profileOf(
            contestant,
            work,
            cookies.get(contestant.entrant)!,
          );
        }
        entries.push([work, times]);
      }
      return { server: stand.server, works: Object.fromEntries(entries) };
    } finally {
      await stand.close();
    }
  },
  report: reportOf,
  goals: () => [],
};

async function profileOf(
  contestant: ContestantProcess,
  work: WorkName,
  cookies: readonly string[],
): Promise<TimeOfOwners> {
  const connections = await openConnections(contestant.port, CONCURRENCY);
  const load = { work: WORKS[work], bytes: BYTES, cookies, concurrency: CONCURRENCY };
  try {
    await runLoad(connections, { ...load, requests: WARM_UP });
    const seen = await contestant.profile(() =>
      runLoad(connections, { ...load, requests: REQUESTS }),
    );
    return timeOfOwners(seen, REQUESTS);
  } finally {
    for (const connection of connections) connection.close();
  }
}
