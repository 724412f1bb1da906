import { LAYOUT_VERSION } from '../../redis/hash-codec.js';
import type { Finding } from '../finding.js';
import type { ServerFacts } from '../server-facts.js';

/** Whether there are sessions that instances of this version cannot read. */
export function checkLayouts({ layouts }: Pick<ServerFacts, 'layouts'>): Finding[] {
  const others = [...layouts].filter(([version]) => version !== LAYOUT_VERSION);
  if (others.length === 0) return [];
  const all = [...layouts.values()].reduce((sum, count) => sum + count, 0);
  const counts = others.toSorted().map(([version, count]) => `${count} have layout ${version}`);
  return [
    {
      check: 'layout',
      severity: 'warning',
      finding: `of ${all} sessions that were looked at ${counts.join(', ')}: instances that use layout ${LAYOUT_VERSION}, as this program does, take their users for signed out`,
      advice:
        'Run one version of nestjs-redis-session on all instances; the sessions of the other one then end by their idle timeout.',
    },
  ];
}
