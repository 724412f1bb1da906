import type { Goal } from '../support/goal.js';
import { DEEDS, type DeedName } from './deeds.js';
import type { SizeResult } from './measure.js';
import { type QuestionName, TITLES } from './questions.js';

const MOST_OVER_LITERAL = 1.15;
/** As with the literal command: less is not to be told from the noise of a machine that does other things, too. */
const MOST_AFTER_TOUCHES = 1.15;
const FASTER_THAN_SCAN: Partial<Record<QuestionName, number>> = {
  find: 1000,
  countPlan: 100,
  countTenant: 100,
};
/** From where on a scan is what nobody can wait for. */
const MANY_SESSIONS = 1_000_000;

/** How much longer the library takes than the command sent by hand. */
export function overLiteral({ size, before }: SizeResult, name: QuestionName): Goal {
  const { library, literal } = before[name].times;
  return {
    what: `${size.toLocaleString('en')}: ${TITLES[name]}, library / literal command`,
    figure: library.median / literal!.median,
    limit: MOST_OVER_LITERAL,
    kind: 'at most',
  };
}

/** How many times faster than a scan, and, where there are many sessions, how many were wanted. */
export function overScan({ size, before, scans }: SizeResult, name: QuestionName) {
  const figure = scans[name].time.median / before[name].times.library.median;
  const limit = FASTER_THAN_SCAN[name];
  if (limit === undefined || size < MANY_SESSIONS) return { figure };
  const what = `${size.toLocaleString('en')}: ${TITLES[name]}, scan / library`;
  const goal: Goal = { what, figure, limit, kind: 'at least' };
  return { figure, goal };
}

/** How much longer an answer takes than before, beside work that is always the same. */
export function afterTouches({ size, before, after }: SizeResult, name: QuestionName): Goal {
  const [then, now] = [before[name].times, after[name].times];
  const slower = now.library.median / then.library.median;
  return {
    what: `${size.toLocaleString('en')}: ${TITLES[name]}, after / before the touches`,
    figure: slower / (now.control.median / then.control.median),
    limit: MOST_AFTER_TOUCHES,
    kind: 'at most',
  };
}

/** How much more of Redis something costs with an index. */
export function overNoIndex({ size, overhead }: SizeResult, name: DeedName) {
  const { with: indexed, without } = overhead[name];
  const figure = indexed.median / without.median;
  const { goal: limit, title } = DEEDS[name];
  if (limit === undefined) return { figure };
  const what = `${size.toLocaleString('en')}: ${title}, with / without an index`;
  const goal: Goal = { what, figure, limit, kind: 'at most' };
  return { figure, goal };
}

/** All goals that a size has. */
export function goalsOf(result: SizeResult): Goal[] {
  const questions = Object.keys(TITLES) as QuestionName[];
  const deeds = Object.keys(DEEDS) as DeedName[];
  return [
    ...questions.map((name) => overLiteral(result, name)),
    ...questions.flatMap((name) => overScan(result, name).goal ?? []),
    ...questions.map((name) => afterTouches(result, name)),
    ...deeds.flatMap((name) => overNoIndex(result, name).goal ?? []),
  ];
}
