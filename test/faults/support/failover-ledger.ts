import type { Wrong } from './ledger.js';

/** Moments of one failover, as `performance.now()` tells them. */
export interface FailoverTimes {
  /** All that was acknowledged before is on the replicas. */
  readonly inStepAt: number;
  readonly begunAt: number;
  /** Another server is the primary. */
  readonly replacedAt: number;
  /** The old one is a replica that is in step. */
  readonly healedAt: number;
  /** No request is refused any more, and none that got no answer can still be carried out. */
  readonly wellAt: number;
}

/**
 * Whether a failover may cost that: a write that the old primary acknowledged and the new one did not have. Nothing that was
 * acknowledged before they were in step, nothing that the new one acknowledged, and nothing that waited for a replica: signing in
 * and signing out, where the site is durable.
 */
export function mayBeLost(
  { kind, promised }: Wrong,
  failovers: readonly FailoverTimes[],
  isDurable: boolean,
): boolean {
  if (promised === undefined || (kind !== 'lost' && kind !== 'undone')) return false;
  if (isDurable && promised.deed !== 'write') return false;
  return failovers.some(
    ({ inStepAt, replacedAt }) => inStepAt <= promised.at && promised.at <= replacedAt,
  );
}
