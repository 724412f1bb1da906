import type { SessionId } from '../core/token.js';
import type { Progress } from './index-filler.js';

/** What `revokeWhere` and `updateWhere` take besides the filter. */
export interface MassActionOptions {
  /** Called, and waited for, after each batch: sessions that were looked at, and about how many there are. What it throws stops the rest. */
  readonly onProgress?: (progress: Progress) => unknown;
  /** Stops before the next batch; what was done stays done. */
  readonly signal?: AbortSignal;
}

/** What `revokeWhere` and `updateWhere` did. */
export interface MassActionResult {
  /** Sessions that the index named. */
  readonly found: number;
  /** Sessions that met the filter when it was their turn, and were ended or written. */
  readonly changed: number;
  /** Sessions that others kept writing to, so that they were left as they are. */
  readonly contested: number;
  /**
   * Sessions that were left as they are because of what they hold: another version of this library wrote them with another layout, or
   * a field is no JSON or no number, or would be too large. The log names the first ten.
   */
  readonly failed: number;
  /** `false` when it was aborted before all had their turn. */
  readonly isComplete: boolean;
}

export type MassActionAnswer = 'changed' | 'passed' | 'contested' | 'failed';

const AT_ONCE = 50;

/** Does something to each hit, once, many at a time. */
export async function toEach(
  hits: AsyncIterable<readonly SessionId[]>,
  expected: number,
  act: (id: SessionId) => Promise<MassActionAnswer>,
  { onProgress, signal }: MassActionOptions,
): Promise<MassActionResult> {
  const answers = { changed: 0, passed: 0, contested: 0, failed: 0 };
  let found = 0;
  const resultOf = (isComplete: boolean) => {
    const { changed, contested, failed } = answers;
    return { found, changed, contested, failed, isComplete };
  };
  for await (const ids of hits) {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      if (signal?.aborted) return resultOf(false);
      const batch = ids.slice(at, at + AT_ONCE);
      for (const answer of await Promise.all(batch.map(act))) answers[answer]++;
      found += batch.length;
      await onProgress?.({ done: found, total: Math.max(found, expected) });
    }
  }
  return resultOf(!signal?.aborted);
}
