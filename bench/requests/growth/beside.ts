import { type Summary, summarize } from '../../support/summary.js';
import type { Entrant } from '../contestants/roster.js';
import type { GrownCell } from './result.js';

export type Grown = 'cpu' | 'redisCpu';

const NONE = 'express/none';
const STAYING = 'express/bare';

/**
 * A cost beside one of somebody who stays the same, in the same rounds: the machine itself may have become slower. What
 * Redis does by itself, and does more of where there are more keys, is what it takes while nobody uses it.
 */
export function beside({ costs }: GrownCell, entrant: Entrant, cost: Grown): Summary {
  const samples = (of: Entrant) => costs[of]![cost].samples;
  const [own, none, staying] = [samples(entrant), samples(NONE), samples(STAYING)];
  return summarize(
    own.map((sample, round) =>
      cost === 'cpu'
        ? sample / none[round]!
        : (sample - none[round]!) / (staying[round]! - none[round]!),
    ),
  );
}

/** How many times as much as with the fewest sessions. */
export function grownBy(
  cells: readonly GrownCell[],
  cell: GrownCell,
  entrant: Entrant,
  cost: Grown,
): number {
  const first = cells.find(({ work }) => work === cell.work)!;
  return beside(cell, entrant, cost).median / beside(first, entrant, cost).median;
}
