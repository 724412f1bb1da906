import type { Lap } from '../../support/stopwatch.js';
import type { Crowd } from './crowd.js';

/** What is promised: the first yes comes within a second of Redis being back. */
export const RECOVERED_WITHIN_MS = 1000;

/** How long after an act of the test the next visitor is answered with yes. */
export async function recovery(crowd: Crowd, act: () => unknown): Promise<Lap> {
  await act();
  const [lap] = await Promise.all([crowd.ledger.nextYes(), crowd.untilYes(1)]);
  return lap;
}
