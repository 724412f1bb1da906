import { type Goal, goalText, isMet } from '../support/goal.js';
import { writeFigures } from '../support/figures.js';
import { print, progress, run } from '../support/program.js';
import { planOf, USAGE } from './options.js';
import { SECTIONS } from './sections.js';

/** The library beside what people use instead, and beside doing it by hand. */
async function main(): Promise<void> {
  const plan = planOf(
    process.argv.slice(2),
    SECTIONS.map(({ name }) => name),
  );
  if (!plan) return print(USAGE);
  const results: Record<string, unknown> = {};
  const goals: Goal[] = [];
  for (const section of SECTIONS.filter(({ name }) => plan.sections.includes(name))) {
    const result = await section.measure(plan, (step, done) =>
      progress.say(`${section.name}: ${step}`, done),
    );
    results[section.name] = result;
    goals.push(...section.goals(result));
    print(`${section.report(result)}\n`);
    // After each, so that a run that is broken off has not been for nothing.
    writeFigures(plan.json, goals, { plan, results });
  }
  print(summaryOf(goals));
  print(`\nAll figures: ${plan.json}`);
}

function summaryOf(goals: readonly Goal[]): string {
  const met = goals.filter(isMet).length;
  const lines = goals.map((goal) => `- ${goal.what}: ${goalText(goal)}`);
  return [`${met} of ${goals.length} goals are met.`, '', ...lines].join('\n');
}

await run(main);
