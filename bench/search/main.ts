import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { type Goal, goalText, isMet } from '../support/goal.js';
import { Progress } from '../support/progress.js';
import { goalsOf } from './goals.js';
import { measureSize, type SizeResult } from './measure.js';
import { type Plan, planOf, USAGE } from './options.js';
import { reportOf } from './report.js';

const progress = new Progress();

/** SessionSearch beside the commands that it comes down to, and beside looking at every session. */
async function main(): Promise<void> {
  const plan = planOf(process.argv.slice(2));
  if (!plan) {
    print(USAGE);
    return;
  }
  const results: SizeResult[] = [];
  for (const size of plan.sizes) {
    const name = `${size.toLocaleString('en')} sessions`;
    const say = (step: string, done?: number) => progress.say(`${name}: ${step}`, done);
    const result = await measureSize(size, plan, say);
    results.push(result);
    print(`${reportOf(result)}\n`);
    // After each size, so that a run that is broken off has not been for nothing.
    write(plan, results);
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

function write({ json }: Plan, results: readonly SizeResult[]): void {
  const machine = { node: process.version, cpus: cpus().map(({ model }) => model) };
  const goals = results.flatMap(goalsOf).map((goal) => ({ ...goal, isMet: isMet(goal) }));
  const all = { at: new Date().toISOString(), ...machine, goals, results };
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(json, `${JSON.stringify(all, undefined, 2)}\n`);
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
