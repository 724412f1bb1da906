import type { Say, WayToRedis } from './ways/way.js';

/** The ways to try: all in their order, or the one that REDIS_ENGINE names. */
export function waysToTry(all: readonly WayToRedis[]): readonly WayToRedis[] {
  const chosen = process.env['REDIS_ENGINE'];
  if (!chosen) return all;
  const ways = all.filter((way) => way.name === chosen);
  if (ways.length === 0) {
    const names = all.map((way) => way.name).join(', ');
    throw new Error(`REDIS_ENGINE is "${chosen}": set it to one of ${names}, or leave it out.`);
  }
  return ways;
}

/** The first way that works; the reasons of those before it are said, and if none works they are the error. */
export async function firstThatWorks<Result>(
  ways: readonly WayToRedis[],
  attempt: (way: WayToRedis) => Promise<Result>,
  say: Say,
): Promise<Result> {
  const reasons: string[] = [];
  for (const way of ways) {
    try {
      return await attempt(way);
    } catch (error) {
      const reason = `${way.name}: ${error instanceof Error ? error.message : String(error)}`;
      reasons.push(`  - ${reason}`);
      if (way !== ways.at(-1)) say(`Not ${reason}. Trying ${ways[ways.indexOf(way) + 1]?.name}.`);
    }
  }
  throw new Error(
    [
      ways.length > 1
        ? 'No Redis is to be had here. What was tried, and what was missing:'
        : 'The Redis that REDIS_ENGINE chooses is not to be had:',
      ...reasons,
      'Set one of them right, or set REDIS_URL to a Redis of yours.',
    ].join('\n'),
  );
}
