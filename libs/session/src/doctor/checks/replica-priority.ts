import { type Finding, ok, unknown } from '../finding.js';

const CHECK = 'replica-priority';

/**
 * Which replica Sentinel elects: the one with the lowest number but 0, and only among equals the one that has the most writes.
 *
 * @param priorities those of the replicas that told.
 * @param silent how many did not.
 */
export function checkReplicaPriority(priorities: readonly number[], silent: number): Finding[] {
  if (priorities.length + silent === 0) return [];
  const electable = priorities.filter((priority) => priority > 0);
  if (electable.length === 0 && silent === 0) {
    return [
      {
        check: CHECK,
        severity: 'warning',
        finding: '0: no replica may take over, so the loss of this server takes all sessions away',
        advice: 'Set replica-priority 100 at the replicas.',
      },
    ];
  }
  if (new Set(priorities).size > 1) {
    return [
      {
        check: CHECK,
        severity: 'warning',
        finding: `${priorities.join(', ')}: the replica that takes over need not be the one that has the latest writes, so durable: 'replica' cannot be relied on`,
        advice:
          'Set the same replica-priority at all replicas, or durableReplicas to the number of replicas.',
      },
    ];
  }
  if (silent > 0) return [unknown(CHECK, `${silent} of the replicas did not tell`)];
  return [ok(CHECK, `${priorities[0]} at each replica`)];
}
