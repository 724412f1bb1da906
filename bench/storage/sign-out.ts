import { type Summary, summarize } from '../support/summary.js';
import { type BusyTimes, busyTimesDuring } from './busy-times.js';
import { contentOf } from './content.js';
import type { SignOutSite } from './sign-out-site.js';
import type { Way } from './ways.js';

/** What it costs to end all sessions of a user. Times are milliseconds. */
export interface SignOut {
  readonly way: Way['name'];
  readonly sessions: number;
  readonly wall: Summary;
  readonly commands: Summary;
  readonly trips: Summary;
  /** All commands of a round together, by Redis' own watch. */
  readonly busy: Summary;
  /** The longest command of each round. */
  readonly longest: Summary;
  readonly longestCommand: string;
  /** How long the slowest hundredth of the answers took, at least, that somebody else got meanwhile; and the slowest. */
  readonly pingP99: number;
  readonly pingLongest: number;
}

export interface SignOutPlan {
  readonly sessions: number;
  readonly rounds: number;
}

interface Round {
  readonly wall: number;
  readonly trips: number;
  readonly times: BusyTimes;
  readonly pings: readonly number[];
}

const CONTENT = contentOf(300);

/** Rounds, each with a user of its own. The first does not count. */
export async function measureSignOut(
  site: SignOutSite,
  way: Way,
  { sessions, rounds }: SignOutPlan,
  onProgress: (done: number) => void,
): Promise<SignOut> {
  const all: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const measured = await measureRound(site, way, sessions);
    if (round > 0) all.push(measured);
    onProgress(round / rounds);
  }
  const pings = all.flatMap((round) => round.pings).toSorted((a, b) => a - b);
  const of = (value: (round: Round) => number) => summarize(all.map(value));
  return {
    way: way.name,
    sessions,
    wall: of(({ wall }) => wall),
    commands: of(({ times }) => [...times.calls.values()].reduce((sum, calls) => sum + calls)),
    trips: of(({ trips }) => trips),
    busy: of(({ times }) => times.inAll),
    longest: of(({ times }) => times.longest),
    longestCommand: all.at(-1)!.times.longestCommand,
    pingP99: pings[Math.floor(0.99 * (pings.length - 1))] ?? 0,
    pingLongest: pings.at(-1) ?? 0,
  };
}

async function measureRound(site: SignOutSite, way: Way, sessions: number): Promise<Round> {
  const userId = site.newUser();
  await way.begin(sessions, CONTENT, userId);
  await site.bystander.take();
  let wall = 0;
  const times = await busyTimesDuring(site.redis, async () => {
    const startedAt = performance.now();
    const ended = await way.endAllOf(userId);
    wall = performance.now() - startedAt;
    if (ended !== sessions) throw new Error(`${ended} of ${sessions} sessions were ended.`);
  });
  return { wall, trips: way.trips(times), times, pings: await site.bystander.take() };
}
