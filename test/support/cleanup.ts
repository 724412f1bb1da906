/**
 * Closes what a test has opened when the test is over, also when it has failed: the last first. Use it in place of a call
 * behind an `expect`, which is never made when the `expect` fails.
 */
export function useCleanup(): (step: () => unknown) => void {
  const steps: (() => unknown)[] = [];
  afterEach(async () => {
    const failures: unknown[] = [];
    for (const step of steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'A test could not be cleaned up.');
  });
  return (step) => void steps.push(step);
}
