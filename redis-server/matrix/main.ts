import { print, run } from '../../bench/support/program.js';
import { table } from '../../bench/support/table.js';
import { planOf, USAGE } from './options.js';
import { logFile } from './suite.js';
import { type Trial, tryServer } from './try-server.js';
import { withProgress } from './with-progress.js';

/** The test suite against each server of the matrix, one after the other. */
async function main(): Promise<void> {
  const plan = planOf(process.argv.slice(2));
  if (!plan) return print(USAGE);
  const trials: Trial[] = [];
  for (const server of plan.servers) {
    const trial = await withProgress(server.name, (ended) =>
      tryServer(server, plan.patterns, print, ended),
    );
    print(`${server.name}: ${verdictOf(trial)}`);
    trials.push(trial);
  }
  print(table(HEAD, trials.map(rowOf)));
  if (!trials.every(isGood)) process.exitCode = 1;
}

const HEAD = ['server', 'says it is', 'Search', 'passed', 'failed', 'skipped', 'seconds', 'result'];

function rowOf({ name, server, suite }: Trial): string[] {
  const { passed = '-', failed = '-', skipped = '-', ms } = suite ?? {};
  return [
    name,
    server?.title ?? '-',
    server ? (server.hasSearch ? 'yes' : 'no') : '-',
    ...[passed, failed, skipped].map(String),
    ms === undefined ? '-' : seconds(ms),
    suite?.isGood ? 'ok' : 'NOT OK',
  ];
}

function isGood({ suite }: Trial): boolean {
  return suite?.isGood ?? false;
}

function verdictOf({ name, suite, obstacle }: Trial): string {
  if (!suite) return `not to be had: ${obstacle}`;
  return suite.isGood ? 'ok' : `NOT OK, see ${logFile(name)}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(0);
}

await run(main);
