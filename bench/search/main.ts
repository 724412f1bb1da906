import { type Goal, goalText, isMet } from '../support/goal.js';
import { writeFigures } from '../support/figures.js';
import { print, progress, run } from '../support/program.js';
import { goalsOf } from './goals.js';
import { measureSize, type SizeResult } from './measure.js';
import { planOf, USAGE } from './options.js';
import { reportOf } from './report.js';

/** SessionSearch beside the commands that it comes down to, and beside looking at every session. */
async function main(): Promise<void> {
  const plan = planOf(process.argv.slice(2));
  if (!plan) return print(USAGE);
  const results: SizeResult[] = [];
  for (const size of plan.sizes) {
    const name = `${size.toLocaleString('en')} sessions`;
    const say = (step: string, done?: number) => progress.say(`${name}: ${step}`, done);
    const result = await measureSize(size, plan, say);
    results.push(result);
    print(`${reportOf(result)}\n`);
    // After each size, so that a run that is broken off has not been for nothing.
    writeFigures(plan.json, results.flatMap(goalsOf), { results });
  }
  const goals = results.flatMap(goalsOf);
  print(summaryOf(goals));
  print(`All figures: ${plan.json}`);
}

function summaryOf(goals: readonly Goal[]): string {
  const missed = goals.filter((goal) => !isMet(goal));
  const lines = missed.map((goal) => `- ${goal.what}: ${goalText(goal)}`);
  return [`${goals.length - missed.length} of ${goals.length} goals are met.`, ...lines].join('\n');
}

await run(main);
