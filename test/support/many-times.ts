// Enough that rounds overlap and meet in Redis, few enough that none waits for long.
const ROUNDS_AT_ONCE = 16;

/** Runs a round again and again, some at a time. @returns how often each result came out. */
export async function manyTimes(
  rounds: number,
  round: (number: number) => Promise<string>,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < rounds) {
      const result = await round(next++);
      counts[result] = (counts[result] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: ROUNDS_AT_ONCE }, lane));
  return counts;
}
