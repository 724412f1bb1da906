import type { Redis } from 'ioredis';
import type { SessionRepository } from 'nestjs-redis-session/testing';
import { randomOf } from '../support/random.js';
import { cpuMicroseconds } from '../support/redis-costs.js';
import { type Summary, summarize } from '../support/summary.js';
import { type DeedName, DEEDS } from './deeds.js';
import type { BenchSession, Population } from './population.js';

/** Processor time of Redis for one operation, in microseconds. */
export interface Overhead {
  readonly without: Summary;
  readonly with: Summary;
}

export interface OverheadPlan {
  readonly rounds: number;
  readonly perRound: number;
}

/** As many as are sent before the first is answered. */
const AT_ONCE = 250;

/** What a declared index costs, in turn with and without one; which comes first alternates. */
export async function measureOverhead(
  redis: Redis,
  repositories: { readonly without: SessionRepository; readonly with: SessionRepository },
  population: Population,
  { rounds, perRound }: OverheadPlan,
  onProgress: (done: number) => void,
): Promise<Record<DeedName, Overhead>> {
  const names = Object.keys(DEEDS) as DeedName[];
  const random = randomOf(population.size);
  const samples = Object.fromEntries(names.map((name) => [name, { without: [], with: [] }]));
  // The first round warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const sessions = Array.from({ length: perRound }, () => population.any(random()));
      const order =
        round % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const);
      for (const variant of order) {
        const cost = await cpuOf(redis, () =>
          actOnAll(name, repositories[variant], sessions, round),
        );
        if (round > 0) (samples[name]![variant] as number[]).push(cost / perRound);
      }
    }
    onProgress(round / rounds);
  }
  const results = names.map((name) => {
    const { without, with: indexed } = samples[name]!;
    return [name, { without: summarize(without), with: summarize(indexed) }];
  });
  return Object.fromEntries(results) as Record<DeedName, Overhead>;
}

async function cpuOf(redis: Redis, act: () => Promise<void>): Promise<number> {
  const before = await cpuMicroseconds(redis);
  await act();
  return (await cpuMicroseconds(redis)) - before;
}

async function actOnAll(
  name: DeedName,
  repository: SessionRepository,
  sessions: readonly BenchSession[],
  round: number,
): Promise<void> {
  for (let at = 0; at < sessions.length; at += AT_ONCE) {
    const batch = sessions.slice(at, at + AT_ONCE);
    const acts = batch.map((session, i) => DEEDS[name].act(repository, session, at + i + round));
    if (!(await Promise.all(acts)).every(Boolean)) throw new Error(`${name} found a session gone.`);
  }
}
