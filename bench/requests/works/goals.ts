import type { Goal } from '../../support/goal.js';
import type { Entrant } from '../contestants/roster.js';
import type { WorkName } from '../load/works.js';
import type { CellResult, Costs } from '../measure-cell.js';

type CostName = keyof Costs;
/** Of a cost of ours, in parts of another contestant's. */
type Limit = readonly [
  cost: CostName,
  work: WorkName,
  bytes: number,
  rival: Entrant,
  limit: number,
  rivalsWork?: WorkName,
];

const RIVAL = 'express/express-session';
const BARE = 'express/bare';
const LIMITS: readonly Limit[] = [
  ['added', 'read', 300, RIVAL, 0.25],
  ['added', 'read', 300, BARE, 1.3],
  ['added', 'write', 300, RIVAL, 0.3],
  ['added', 'write', 300, BARE, 1.5],
  ['added', 'read', 40_000, RIVAL, 0.3],
  ['added', 'read', 40_000, BARE, 1.3],
  ['added', 'write', 40_000, RIVAL, 0.3],
  ['added', 'write', 40_000, BARE, 1.3],
  ['bytesIn', 'write', 40_000, RIVAL, 0.01],
  ['added', 'field', 40_000, RIVAL, 0.15, 'read'],
  ['redisCpu', 'read', 300, RIVAL, 1],
  ['cpu', 'read', 300, 'fastify/fastify-session', 1],
  ['cpu', 'read', 300, 'fastify/mgcrea-session', 1],
  ['cpu', 'write', 300, 'fastify/fastify-session', 1],
  ['cpu', 'write', 300, 'fastify/mgcrea-session', 1],
];
const CONCURRENCY = 32;
const NAMES: Partial<Record<CostName, string>> = {
  added: 'CPU added',
  cpu: 'CPU',
  redisCpu: 'CPU of Redis',
  bytesIn: 'bytes to Redis',
};

/** Those of the goals for which both were measured. */
export function goalsOf(cells: readonly CellResult[]): Goal[] {
  const costOf = (entrant: Entrant, work: WorkName, bytes: number, cost: CostName) =>
    cells.find(
      (cell) => cell.work === work && cell.bytes === bytes && cell.concurrency === CONCURRENCY,
    )?.costs[entrant]?.[cost].median;
  return LIMITS.flatMap(([cost, work, bytes, rival, limit, rivalsWork = work]) => {
    const own = costOf(
      rival.startsWith('express') ? 'express/ours' : 'fastify/ours',
      work,
      bytes,
      cost,
    );
    const theirs = costOf(rival, rivalsWork, bytes, cost);
    if (own === undefined || theirs === undefined) return [];
    const their = rivalsWork === work ? rival : `${rival}, ${rivalsWork}`;
    const what = `${work}, ${bytes.toLocaleString('en')} bytes: ${NAMES[cost]}, ours / ${their}`;
    return [{ what, figure: partOf(own, theirs), limit, kind: 'at most' as const }];
  });
}

/** What is lost in the noise of a machine that does other things, too, is no figure, and meets no goal. */
function partOf(own: number, theirs: number): number {
  return own > 0 && theirs > 0 ? own / theirs : Number.NaN;
}
