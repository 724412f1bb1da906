import { runTurns } from '../random/run-turns.js';
import { times } from './scale.js';

// Enough that rounds overlap and meet in Redis, few enough that none waits for long.
const ROUNDS_AT_ONCE = 16;
const SHORT_SHARE = 1 / 20;

/**
 * Runs a round again and again, some at a time: a twentieth of them in `npm test`.
 *
 * @returns how often each result came out: `{ gone: 'always' }`, or `{ gone: '1998 of 2000', back: '2 of 2000' }`.
 */
export async function manyTimes(
  wanted: number,
  round: (number: number) => Promise<string>,
): Promise<Record<string, string>> {
  const rounds = times(Math.ceil(wanted * SHORT_SHARE), wanted);
  const counts = new Map<string, number>();
  const isEnough = (begun: number) => begun >= rounds;
  await runTurns(ROUNDS_AT_ONCE, isEnough, async (number) => {
    const result = await round(number);
    counts.set(result, (counts.get(result) ?? 0) + 1);
  });
  const shares = [...counts].map(([result, count]) => [
    result,
    count === rounds ? 'always' : `${count} of ${rounds}`,
  ]);
  return Object.fromEntries(shares) as Record<string, string>;
}
