import type { StormResult } from './storm-run.js';

/** What came of one race on one kind of servers. */
export interface StormRow {
  readonly servers: string;
  readonly race: string;
  readonly ours: StormResult;
  readonly naive: StormResult;
}

const HEAD = [
  'servers',
  'race',
  'operations',
  'per second',
  'violations',
  'naive: operations',
  'naive: violations',
];

/** In Markdown, with columns as wide as what they hold. */
export function stormTable(rows: readonly StormRow[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [lines[0]!, rule, ...lines.slice(1)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cellsOf({ servers, race, ours, naive }: StormRow): string[] {
  const perSecond = ours.operations / ours.seconds;
  const numbers = [
    ours.operations,
    perSecond,
    ours.faults.length,
    naive.operations,
    naive.faults.length,
  ];
  return [servers, race, ...numbers.map((number) => Math.round(number).toLocaleString('en'))];
}
