import { freemem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../redis-server/project.js';
import type { Repetitions } from '../support/side-by-side.js';
import type { OverheadPlan } from './overhead.js';

/** How much of everything is measured. */
export interface Plan {
  readonly sizes: readonly number[];
  readonly json: string;
  readonly questions: Repetitions;
  /** How often each question is answered by a scan, at a size. */
  readonly scans: (size: number) => number;
  /** How many touches lie between the questions before and after, at a size. */
  readonly touches: (size: number) => number;
  readonly overhead: OverheadPlan;
}

export const USAGE = `npm run bench:search -- [options]

  --quick           sizes up to 10,000 and fewer repetitions: under a minute
  --sizes=1000,...  numbers of sessions; default 1000,10000,100000,1000000
  --json=path       where all figures go; default dist/bench-search.json
  --help            this text
`;

/** Measured: sessions with and without an index, and the index. */
const BYTES_PER_SESSION = 2500;

const FULL = {
  questions: { budgetMs: 3000, least: 15, most: 1000 },
  touches: (size: number) => Math.max(100_000, size),
  overhead: { rounds: 16, perRound: 3000 },
};
const QUICK = {
  questions: { budgetMs: 500, least: 10, most: 300 },
  touches: () => 100_000,
  overhead: { rounds: 8, perRound: 1000 },
};

/** @throws {Error} that says what is wrong. @returns `undefined` when it was asked for help only. */
export function planOf(args: string[]): Plan | undefined {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      json: { type: 'string', default: join(projectRoot, 'dist', 'bench-search.json') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const sizes = sizesOf(
    values.sizes ?? (values.quick ? '1000,10000' : '1000,10000,100000,1000000'),
  );
  const { json } = values;
  return { sizes, json, scans: scansAt, ...(values.quick ? QUICK : FULL) };
}

function scansAt(size: number): number {
  return size >= 1_000_000 ? 1 : size >= 100_000 ? 2 : 5;
}

function sizesOf(text: string): number[] {
  const sizes = text.split(',').map(Number);
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 100)) {
    throw new Error(`--sizes is "${text}": give whole numbers from 100 up, with commas between.`);
  }
  const needed = Math.max(...sizes) * BYTES_PER_SESSION;
  if (freemem() < needed) {
    throw new Error(
      `Redis would need about ${Math.ceil(needed / 1e6)} MB, and ${Math.floor(freemem() / 1e6)} MB are free. Choose smaller --sizes.`,
    );
  }
  return sizes;
}
