import { figure } from './table.js';

/** A figure, and what it was meant to be. */
export interface Goal {
  readonly what: string;
  readonly figure: number;
  readonly limit: number;
  readonly kind: 'at most' | 'at least';
}

export function isMet({ figure: value, limit, kind }: Goal): boolean {
  return kind === 'at most' ? value <= limit : value >= limit;
}

/** e.g. `1.08, goal ≤ 1.15 met`. */
export function goalText(goal: Goal): string {
  const sign = goal.kind === 'at most' ? '≤' : '≥';
  const limit = goal.limit.toLocaleString('en');
  return `${figure(goal.figure)}, goal ${sign} ${limit} ${isMet(goal) ? 'met' : 'MISSED'}`;
}
