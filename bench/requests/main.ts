import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { type Goal, goalText, isMet } from '../support/goal.js';
import { Progress } from '../support/progress.js';
import { type Plan, planOf, USAGE } from './options.js';
import { SECTIONS } from './sections.js';

const progress = new Progress();

/** The library beside what people use instead, and beside doing it by hand. */
async function main(): Promise<void> {
  const plan = planOf(
    process.argv.slice(2),
    SECTIONS.map(({ name }) => name),
  );
  if (!plan) {
    print(USAGE);
    return;
  }
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
    write(plan, goals, results);
  }
  print(summaryOf(goals));
  print(`\nAll figures: ${plan.json}`);
}

function summaryOf(goals: readonly Goal[]): string {
  const met = goals.filter(isMet).length;
  const lines = goals.map((goal) => `- ${goal.what}: ${goalText(goal)}`);
  return [`${met} of ${goals.length} goals are met.`, '', ...lines].join('\n');
}

function write(plan: Plan, goals: readonly Goal[], results: Record<string, unknown>): void {
  const machine = { node: process.version, cpus: cpus().map(({ model }) => model) };
  const judged = goals.map((goal) => ({ ...goal, isMet: isMet(goal) }));
  const all = { at: new Date().toISOString(), ...machine, plan, goals: judged, results };
  mkdirSync(dirname(plan.json), { recursive: true });
  writeFileSync(plan.json, `${JSON.stringify(all, undefined, 2)}\n`);
}

function print(text: string): void {
  progress.clear();
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  progress.clear();
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
