import { join } from 'node:path';
import { table } from '../../bench/support/table.js';
import {
  logFile,
  runSuite,
  suiteEnvironment,
  type SuiteResult,
} from '../../redis-server/matrix/suite.js';
import { withProgress } from '../../redis-server/matrix/with-progress.js';
import { untilEnd, withScratch } from '../scratch.js';
import { copyProject } from './copy-project.js';
import type { Majors } from './majors.js';

const HEAD = ['majors', 'passed', 'failed', 'skipped', 'install s', 'tests s', 'result'];

/** The test suite on each of these majors, one after the other. @returns whether all of it passed. */
export async function runMajors(
  all: readonly Majors[],
  patterns: readonly string[],
  print: (text: string) => void,
): Promise<boolean> {
  const rows: string[][] = [];
  for (const majors of all) rows.push(await rowOf(majors, patterns, print));
  print(table(HEAD, rows));
  return rows.every((row) => row.at(-1) === 'ok');
}

async function rowOf(
  majors: Majors,
  patterns: readonly string[],
  print: (text: string) => void,
): Promise<string[]> {
  const { name, leftOut } = majors;
  const startedAt = performance.now();
  if (leftOut) print(`${name}: without ${leftOut.pattern}: ${leftOut.reason}`);
  print(`${name}: what its tests print goes to ${logFile(name)}`);
  try {
    return await withScratch(async (folder) => {
      const project = join(folder, 'project');
      await withProgress(`${name}, npm install`, () => copyProject(project, majors));
      const installMs = performance.now() - startedAt;
      const result = await withProgress(name, (ended) =>
        runSuite(name, suiteEnvironment(), [...jestOptions(project, majors), ...patterns], ended, {
          project,
          signal: untilEnd,
        }),
      );
      return [name, ...figuresOf(result, installMs), result.isGood ? 'ok' : 'NOT OK'];
    });
  } catch (error) {
    print(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return [name, '-', '-', '-', '-', '-', 'NOT OK'];
  }
}

/** Nothing that jest keeps stays behind. */
function jestOptions(project: string, { leftOut }: Majors): string[] {
  const ignored = leftOut ? [`--testPathIgnorePatterns=${leftOut.pattern}`] : [];
  return [...ignored, `--cacheDirectory=${join(project, '.jest')}`];
}

function figuresOf({ passed, failed, skipped, ms }: SuiteResult, installMs: number): string[] {
  const seconds = [installMs, ms].map((each) => (each / 1000).toFixed(0));
  return [...[passed, failed, skipped].map(String), ...seconds];
}
