import { figure, table } from '../../support/table.js';
import { type Entrant, titleOf } from '../contestants/roster.js';
import { type WorkName, WORKS } from '../load/works.js';
import type { TripsResult } from './result.js';

export function reportOf({ server, trips }: TripsResult): string {
  const works = Object.keys(trips['express/none'] ?? {}) as WorkName[];
  const rows = Object.entries(trips).map(([entrant, counted]) => [
    titleOf(entrant as Entrant),
    ...works.map((work) => {
      const { waitedFor, commands } = counted[work]!;
      return `${waitedFor.toFixed(1)} (${figure(commands)})`;
    }),
  ]);
  return [
    '## Round trips to Redis that a response waits for',
    `${server}. In brackets the commands that are sent for a request.`,
    table(['', ...works.map((work) => WORKS[work].title)], rows),
  ].join('\n\n');
}
