import { figure, table } from '../../support/table.js';
import { type Entrant, titleOf } from '../contestants/roster.js';
import { type WorkName, WORKS } from '../load/works.js';
import type { ProfileResult } from './result.js';
import type { TimeOfOwners } from './time-of-owners.js';

/** One table for each kind of request, its largest parts first. */
export function reportOf({ server, works }: ProfileResult): string {
  const tables = Object.entries(works).map(
    ([work, times]) => `### ${WORKS[work as WorkName].title}\n\n${tableOf(times)}`,
  );
  return [
    '## Where the time goes',
    `${server}. Microseconds of one request, 300 bytes, 32 at once, by whose code it is. Looking costs time itself: compare parts, not sums with other tables.`,
    ...tables,
  ].join('\n\n');
}

function tableOf(times: Readonly<Partial<Record<Entrant, TimeOfOwners>>>): string {
  const all = Object.values(times);
  const owners = [...new Set(all.flatMap((one) => Object.keys(one)))];
  const most = (owner: string) => Math.max(...all.map((one) => one[owner] ?? 0));
  const rows = owners
    .toSorted((a, b) => most(b) - most(a))
    .map((owner) => [owner, ...all.map((one) => figure(one[owner] ?? 0))]);
  const sums = all.map((one) => figure(Object.values(one).reduce((sum, time) => sum + time, 0)));
  const head = Object.keys(times).map((entrant) => titleOf(entrant as Entrant));
  return table(['', ...head], [...rows, ['all', ...sums]]);
}
