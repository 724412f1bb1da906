import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../redis-server/project.js';
import { WORKS, type WorkName } from './load/works.js';

/** How much of everything is measured. */
export interface Plan {
  readonly isQuick: boolean;
  readonly json: string;
  readonly works: readonly WorkName[];
  /** Names of the sections that run. */
  readonly sections: readonly string[];
  /** Bytes of a session. */
  readonly sizes: readonly number[];
  readonly concurrencies: readonly number[];
  /** How many sessions lie in Redis. */
  readonly growth: readonly number[];
  /** Of each contestant, signed in. */
  readonly visitors: number;
  readonly rounds: number;
  /** For the rounds of one contestant: fewer are run where they take longer, but at least three. */
  readonly budgetMs: number;
  /** Of one contestant in one round. */
  readonly requests: number;
  /** Before the first of them; a quarter of it for each further kind of request. */
  readonly warmUp: number;
}

export const USAGE = `npm run bench -- [options]

  --quick               fewer requests, sizes and sessions: under two minutes
  --only=read,...       works: ${Object.keys(WORKS).join(', ')}; default all
  --sections=...        the names of the sections that run; default all, without growth and profile when it is quick
  --json=path           where all figures go; default dist/bench.json
  --help                this text
`;

/** Sections that tell little when they are quick. */
const LONG = ['growth', 'profile'];

const FULL = {
  sizes: [300, 4000, 40_000],
  concurrencies: [32, 1, 256],
  growth: [1000, 100_000, 1_000_000],
  visitors: 1000,
  rounds: 15,
  budgetMs: 1300,
  requests: 500,
  warmUp: 8000,
};
const QUICK = {
  sizes: [300, 40_000],
  concurrencies: [32],
  growth: [1000, 10_000],
  visitors: 200,
  rounds: 3,
  budgetMs: 300,
  requests: 250,
  warmUp: 1000,
};

/** @throws {Error} that says what is wrong. @returns `undefined` when it was asked for help only. */
export function planOf(args: string[], allSections: readonly string[]): Plan | undefined {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(WORKS).join(',') },
      sections: { type: 'string' },
      json: { type: 'string', default: join(projectRoot, 'dist', 'bench.json') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick: isQuick, json } = values;
  const works = listOf('--only', values.only, Object.keys(WORKS)) as WorkName[];
  const byDefault = allSections.filter((name) => !isQuick || !LONG.includes(name));
  const given = values.sections ?? byDefault.join(',');
  const sections = listOf('--sections', given, allSections);
  return { isQuick, json, sections, works, ...(isQuick ? QUICK : FULL) };
}

function listOf(option: string, text: string, all: readonly string[]): string[] {
  const names = text.split(',');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown === undefined) return names;
  throw new Error(`${option} names "${unknown}", and there are ${all.join(', ')}.`);
}
