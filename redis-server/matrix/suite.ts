import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../project.js';

const logFolder = join(projectRoot, '.redis', 'matrix');

// As `npm test` has it.
const suite = [join('test', 'run.mjs'), 'quick'];

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ms: number;
  /** Every file was run, and no test failed. */
  readonly isGood: boolean;
}

/** How many spec files have ended so far. */
export type Ended = (files: number, ofThemFailed: number) => void;

/** The suite as a newcomer runs it, but for what is given: what chooses another server, or more tests, is left out. */
export function suiteEnvironment(given: Record<string, string> = {}): Record<string, string> {
  const environment = { ...(process.env as Record<string, string>), ...given };
  for (const name of ['REDIS_URL', 'REDIS_WAYS_REQUIRED']) delete environment[name];
  return environment;
}

export interface Whereabouts {
  /** A copy of the project; this one when left out. */
  readonly project?: string;
  /** Ends the suite at once. */
  readonly signal?: AbortSignal;
}

/** Runs the test suite in this environment; what it prints goes to a file. */
export async function runSuite(
  name: string,
  environment: NodeJS.ProcessEnv,
  patterns: readonly string[],
  ended: Ended,
  { project = projectRoot, signal }: Whereabouts = {},
): Promise<SuiteResult> {
  await mkdir(logFolder, { recursive: true });
  const startedAt = performance.now();
  const figures = join(logFolder, `${name}.json`);
  await rm(figures, { force: true });
  const log = createWriteStream(logFile(name));
  const child = spawn(
    process.execPath,
    [...suite, '--json', '--outputFile', figures, ...patterns],
    {
      cwd: project,
      signal,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let files = 0;
  let failed = 0;
  for (const output of [child.stdout, child.stderr]) {
    output.pipe(log, { end: false });
    createInterface(output).on('line', (line) => {
      if (!/^(PASS|FAIL) /.test(line)) return;
      files++;
      if (line.startsWith('FAIL')) failed++;
      ended(files, failed);
    });
  }
  await once(child, 'close');
  log.end();
  return { ...(await readFigures(figures)), ms: performance.now() - startedAt };
}

export function logFile(name: string): string {
  return join(logFolder, `${name}.log`);
}

async function readFigures(file: string): Promise<Omit<SuiteResult, 'ms'>> {
  const all = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, number>;
  const { numPassedTests: passed = 0, numPendingTests: skipped = 0, success = false } = all;
  // A file that does not load has no tests that could fail.
  const failed = (all['numFailedTests'] ?? 0) + (all['numRuntimeErrorTestSuites'] ?? 0);
  return { passed, failed, skipped, isGood: Boolean(success) && passed > 0 };
}
