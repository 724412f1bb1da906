import { decodeTag } from '../core/index-text.js';

/** Counts by tags as they stand in the index, as counts by what they were made of. */
export function mostFirst(groups: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [encoded, count] of groups) {
    // Of very long tags only the beginning is known, which they may share.
    const known = decodeTag(encoded);
    counts.set(known, (counts.get(known) ?? 0) + count);
  }
  return new Map([...counts].toSorted(([, a], [, b]) => b - a));
}
