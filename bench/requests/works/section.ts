import { ENTRANTS, partsOf } from '../contestants/roster.js';
import { signInAll } from '../load/visitors.js';
import { type Cell, type CellResult, measureCell } from '../measure-cell.js';
import type { Plan } from '../options.js';
import type { Say, Section } from '../section.js';
import { openStand, type Stand } from '../stand/stand.js';
import { WORKS } from '../load/works.js';
import { cellsOf } from './cells.js';
import { goalsOf } from './goals.js';
import { reportOf } from './report.js';
import type { WorksResult } from './result.js';

/** What each kind of request costs each contestant. */
export const works: Section<WorksResult> = {
  name: 'works',
  async measure(plan, say) {
    const stand = await openStand(ENTRANTS, say);
    try {
      const cells: CellResult[] = [];
      for (const [bytes, ofSize] of cellsOf(plan)) {
        await stand.redis.flushall();
        say(`sign ${plan.visitors} visitors in, ${bytes} bytes`);
        const cookies = await signInAll(stand.contestants, plan.visitors, bytes);
        for (const cell of ofSize) cells.push(await measure(stand, cookies, cell, plan, say));
      }
      return { server: stand.server, cells };
    } finally {
      await stand.close();
    }
  },
  report: reportOf,
  goals: ({ cells }) => goalsOf(cells),
};

async function measure(
  { contestants, meter, warm }: Stand,
  cookies: Awaited<ReturnType<typeof signInAll>>,
  cell: Cell,
  plan: Plan,
  say: Say,
): Promise<CellResult> {
  // All others do there what they do to read.
  const taking =
    cell.work === 'field'
      ? contestants.filter(({ entrant }) => ['none', 'ours'].includes(partsOf(entrant).name))
      : contestants;
  const step = `${WORKS[cell.work].title}, ${cell.bytes} bytes, ${cell.concurrency} at once`;
  const onProgress = (done: number) => say(step, done);
  onProgress(0);
  return measureCell({ contestants: taking, meter, warm }, cookies, cell, plan, onProgress);
}
