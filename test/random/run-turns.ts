/**
 * The loop of all random tests: workers take turns, numbered from 0, until enough turns were begun. Derive the random
 * numbers of a turn from `seed` and its number, and `TEST_SEED` repeats them.
 *
 * The first turn that fails stops the others, and its error is thrown when they have ended.
 */
export async function runTurns(
  workers: number,
  isEnough: (begun: number) => boolean,
  turn: (number: number, worker: number) => Promise<unknown>,
): Promise<void> {
  let begun = 0;
  const errors: unknown[] = [];
  const work = async (_: unknown, worker: number): Promise<void> => {
    while (errors.length === 0 && !isEnough(begun)) {
      await turn(begun++, worker).catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  if (errors.length > 0) throw errors[0];
}
