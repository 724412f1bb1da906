import { CLOCK_STEP_MS } from '../core/record.js';

const LOOKS_AT_CLOCK = 8;

/**
 * Whether a user proved who they are after an epoch. The script took the proof for younger than it is by as long as the
 * command travelled, so a sign-out everywhere in that time went unnoticed. What is known now for certain decides: the
 * shorter an answer is on its way, the more that is, so a slow one is asked for again before anybody is refused.
 *
 * @param provenAt by `performance.now()`. @param now by the clock of Redis. @param askTime asks that clock again.
 */
export async function isProvenAfter(
  epoch: number,
  provenAt: number,
  now: number,
  askTime: () => Promise<number>,
): Promise<boolean> {
  // From before the clock of Redis was set back.
  if (epoch > now + CLOCK_STEP_MS) return true;
  for (let look = 1; look <= LOOKS_AT_CLOCK; look++) {
    if (epoch < now - (performance.now() - provenAt)) return true;
    now = await askTime();
  }
  return false;
}
