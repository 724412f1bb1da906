import type { Goal } from '../../support/goal.js';
import { PLATFORMS } from '../contestants/roster.js';
import { type WorkName, WORKS } from '../load/works.js';
import type { TripsResult } from './result.js';

const MOST: Partial<Record<WorkName, number>> = { read: 1, write: 2, stranger: 0 };

export function goalsOf(trips: TripsResult['trips']): Goal[] {
  return PLATFORMS.flatMap((platform) =>
    Object.entries(MOST).flatMap(([work, limit]) => {
      const counted = trips[`${platform}/ours`]?.[work as WorkName];
      if (counted === undefined) return [];
      const what = `${platform}, ${WORKS[work as WorkName].title}: round trips that the response waits for`;
      // There are whole trips only; the rest is the machine.
      const figure = Math.round(counted.waitedFor);
      return [{ what, figure, limit, kind: 'at most' as const }];
    }),
  );
}
