import { figure, spread, table } from '../../support/table.js';
import { type Entrant, partsOf, titleOf } from '../contestants/roster.js';
import { WORKS } from '../load/works.js';
import type { CellResult, Costs } from '../measure-cell.js';
import type { WorksResult } from './result.js';

const HEAD = [
  '',
  'CPU, µs',
  'added, µs',
  '/ bare',
  '/ express-session',
  'CPU of Redis, µs',
  'commands',
  'bytes to Redis',
  'bytes from Redis',
  'per second',
  'p50, ms',
  'p99, ms',
];

const INTRODUCTION = `Medians over the rounds, and between what half of the rounds lie. CPU is processor time of the application for one request; added is what of it the same application without a session does not need; then what was added, as parts of what bare ioredis (on the same platform) and express-session add. Commands are those that Redis carries out, inside of scripts too; how many are sent stands below. A touch, due once in 30 seconds of a session of nestjs-redis-session, is not in these figures.`;

/** A table for each kind of request. */
export function reportOf({ server, cells }: WorksResult): string {
  return ['## Requests', `${server}. ${INTRODUCTION}`, ...cells.map(cellReport)].join('\n\n');
}

function cellReport(cell: CellResult): string {
  const { work, bytes, concurrency, costs } = cell;
  const title = `### ${WORKS[work].title}, ${bytes.toLocaleString('en')} bytes, ${concurrency} at once`;
  const rows = Object.entries(costs).map(([entrant, own]) => rowOf(entrant as Entrant, own, cell));
  return `${title}\n\n${table(HEAD, rows)}`;
}

function rowOf(entrant: Entrant, own: Costs, { costs }: CellResult): string[] {
  const { platform, name } = partsOf(entrant);
  const addedBy = (other: Entrant) => {
    const added = costs[other]?.added.median;
    return name === 'none' || added === undefined ? '' : figure(own.added.median / added);
  };
  return [
    titleOf(entrant),
    spread(own.cpu),
    name === 'none' ? '' : spread(own.added),
    addedBy(`${platform}/bare`),
    addedBy('express/express-session'),
    figure(own.redisCpu.median),
    figure(own.commands.median),
    figure(own.bytesIn.median),
    figure(own.bytesOut.median),
    figure(own.perSecond.median),
    spread(own.p50),
    spread(own.p99),
  ];
}
