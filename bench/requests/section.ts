import type { Goal } from '../support/goal.js';
import type { Plan } from './options.js';

/** @param done what part of the step is done, from 0 to 1. */
export type Say = (step: string, done?: number) => void;

/** A part of `npm run bench`: what it measures, how that is shown, and what it was meant to be. */
export interface Section<Result = unknown> {
  readonly name: string;
  measure(plan: Plan, say: Say): Promise<Result>;
  /** Markdown. */
  report(result: Result): string;
  goals(result: Result): Goal[];
}
