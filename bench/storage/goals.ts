import type { Goal } from '../support/goal.js';
import type { StorageResult } from './measure.js';
import type { Memory } from './memory.js';
import type { SignOut } from './sign-out.js';

const MOST_OVER_CONNECT_REDIS = 1.05;
const MOST_GROWTH = 1.3;
const MOST_MS_OF_REDIS = 5;
/** What the documentation promises: 2, and 1 for each so many sessions. */
const SESSIONS_PER_TRIP = 500;

/** The size that most sessions have; larger ones are shown. */
export function overConnectRedis({ settings, content, library, connectRedis }: Memory) {
  const figure = library / connectRedis;
  if (settings !== 'recommended' || content !== 300) return { figure };
  const what = `memory of a session of ${content} bytes, library / connect-redis`;
  const goal: Goal = { what, figure, limit: MOST_OVER_CONNECT_REDIS, kind: 'at most' };
  return { figure, goal };
}

export function fewTrips({ sessions, trips }: SignOut): Goal {
  return {
    what: `trips to end ${sessions.toLocaleString('en')} sessions of a user`,
    figure: Math.max(...trips.samples),
    limit: 2 + Math.ceil(sessions / SESSIONS_PER_TRIP),
    kind: 'at most',
  };
}

/** Of the rounds the best one counts: whatever else the machine does can only make a stall longer. */
export function shortStall({ sessions, longest }: SignOut): Goal {
  return {
    what: `longest command while ${sessions.toLocaleString('en')} sessions end, ms of Redis`,
    figure: Math.min(...longest.samples),
    limit: MOST_MS_OF_REDIS,
    kind: 'at most',
  };
}

/** Ten times as many sessions take ten times as long. */
export function linear(few: SignOut, many: SignOut): Goal {
  const [before, after] = [few, many].map(({ wall, sessions }) => wall.median / sessions);
  return {
    what: `time for each of ${many.sessions.toLocaleString('en')} sessions, over each of ${few.sessions.toLocaleString('en')}`,
    figure: after! / before!,
    limit: MOST_GROWTH,
    kind: 'at most',
  };
}

/** Of the largest numbers. */
export function costGoals({ signOuts }: StorageResult): Goal[] {
  const ours = signOuts.filter(({ way }) => way === 'library');
  const [few, many] = [1000, 10_000].map((n) => ours.find(({ sessions }) => sessions === n)!);
  return [linear(few!, many!), shortStall(ours.at(-1)!)];
}

export function goalsOf(result: StorageResult): Goal[] {
  const ours = result.signOuts.filter(({ way }) => way === 'library');
  return [
    ...result.memory.flatMap((one) => overConnectRedis(one).goal ?? []),
    ...ours.map(fewTrips),
    ...costGoals(result),
  ];
}
