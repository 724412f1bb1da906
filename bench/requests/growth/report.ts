import { figure, spread, table } from '../../support/table.js';
import { type Entrant, titleOf } from '../contestants/roster.js';
import { WORKS } from '../load/works.js';
import { grownBy } from './beside.js';
import { GROWING } from './growing.js';
import type { GrownCell, GrowthResult } from './result.js';

const HEAD = [
  '',
  'sessions',
  'CPU, µs',
  'CPU of Redis, µs',
  'p50, ms',
  'p99, ms',
  'CPU, times the first',
  'CPU of Redis, times the first',
];

export function reportOf({ server, cells }: GrowthResult): string {
  const works = [...new Set(cells.map(({ work }) => work))];
  return [
    '## Many sessions',
    `${server}. Sessions of nestjs-redis-session and of express-session become more; those of bare ioredis do not. How many times as much as with the fewest: beside the application without sessions, and beside what bare ioredis takes of Redis, in the same rounds and without what Redis does by itself.`,
    ...works.map((work) => {
      const rows = cells
        .filter((cell) => cell.work === work)
        .flatMap((cell) => rowsOf(cells, cell));
      return `### ${WORKS[work].title}\n\n${table(HEAD, rows)}`;
    }),
  ].join('\n\n');
}

function rowsOf(cells: readonly GrownCell[], cell: GrownCell): string[][] {
  return (Object.keys(cell.costs) as Entrant[]).map((entrant) => {
    const { cpu, redisCpu, p50, p99 } = cell.costs[entrant]!;
    const grown = (['cpu', 'redisCpu'] as const).map((cost) =>
      GROWING.includes(entrant) ? figure(grownBy(cells, cell, entrant, cost)) : '',
    );
    const count = cell.sessions.toLocaleString('en');
    return [titleOf(entrant), count, ...[cpu, redisCpu, p50, p99].map(spread), ...grown];
  });
}
