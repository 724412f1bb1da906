import type { Goal } from '../../support/goal.js';
import { type Grown, grownBy } from './beside.js';
import type { GrownCell } from './result.js';

const MOST = 1.1;
const TITLES: Record<Grown, string> = { cpu: 'CPU', redisCpu: 'CPU of Redis' };

/** A read costs what it costs, however many sessions there are. */
export function goalsOf(cells: readonly GrownCell[]): Goal[] {
  const reads = cells.filter(({ work }) => work === 'read');
  const [fewest, most] = [reads[0], reads.at(-1)];
  if (!fewest || !most || fewest === most) return [];
  const [few, many] = [fewest, most].map(({ sessions }) => sessions.toLocaleString('en'));
  return (['cpu', 'redisCpu'] as const).map((cost) => ({
    what: `read, ${TITLES[cost]} with ${many} sessions / with ${few}`,
    figure: grownBy(cells, most, 'express/ours', cost),
    limit: MOST,
    kind: 'at most',
  }));
}
