import { freemem } from 'node:os';
import type { Entrant } from '../contestants/roster.js';
import { signInAll } from '../load/visitors.js';
import type { WorkName } from '../load/works.js';
import { measureCell } from '../measure-cell.js';
import type { Section } from '../section.js';
import { openStand } from '../stand/stand.js';
import { fill, patternsOf } from './fill.js';
import { goalsOf } from './goals.js';
import { GROWING } from './growing.js';
import { reportOf } from './report.js';
import type { GrownCell, GrowthResult } from './result.js';

const STAYING: readonly Entrant[] = ['express/none', 'express/bare'];
const WORKS: readonly WorkName[] = ['read', 'write'];
const BYTES = 300;
const CONCURRENCY = 32;
const VISITORS = 1000;
/** Measured: a session of each of the two that grow. */
const BYTES_PER_SESSION = 2000;

/** Whether requests cost more where there are many sessions. The requests are those of a thousand visitors. */
export const growth: Section<GrowthResult> = {
  name: 'growth',
  async measure(plan, say) {
    assertEnoughMemory(Math.max(...plan.growth));
    const stand = await openStand([...STAYING, ...GROWING], say);
    const { contestants, redis } = stand;
    try {
      const cells: GrownCell[] = [];
      const growing = contestants.filter(({ entrant }) => GROWING.includes(entrant));
      const patterns = await patternsOf(redis, () => signInAll(growing, 1, BYTES));
      const cookies = await signInAll(contestants, VISITORS, BYTES);
      let there = VISITORS;
      for (const sessions of plan.growth) {
        const count = sessions.toLocaleString('en');
        await fill(redis, patterns, there, sessions, (done) => say(`fill to ${count}`, done));
        there = Math.max(there, sessions);
        for (const work of WORKS.filter((name) => plan.works.includes(name))) {
          const cell = { work, bytes: BYTES, concurrency: CONCURRENCY };
          const onProgress = (done: number) => say(`${work}, ${count} sessions`, done);
          cells.push({ sessions, ...(await measureCell(stand, cookies, cell, plan, onProgress)) });
        }
      }
      return { server: stand.server, cells };
    } finally {
      await stand.close();
    }
  },
  report: reportOf,
  goals: ({ cells }) => goalsOf(cells),
};

function assertEnoughMemory(sessions: number): void {
  const needed = sessions * BYTES_PER_SESSION;
  if (freemem() > needed) return;
  throw new Error(
    `Growth: Redis would need about ${Math.ceil(needed / 1e6)} MB, and ${Math.floor(freemem() / 1e6)} MB are free. Choose other --sections, or --quick.`,
  );
}
