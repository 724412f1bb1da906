import type { Crowd } from './crowd.js';

/** How long after an act of the test the next visitor is answered with yes, in milliseconds. */
export async function recoveryMs(crowd: Crowd, act: () => unknown): Promise<number> {
  await act();
  const startedAt = performance.now();
  crowd.ledger.watchForYes();
  await crowd.untilYes(1);
  return crowd.ledger.firstYesAt! - startedAt;
}
