import { parseArgs } from 'node:util';
import { chosenOf } from '../bench/support/chosen.js';
import { type Majors, MAJORS } from './suite/majors.js';

const names = MAJORS.map(({ name }) => name).join(' ');

export const USAGE = `npm run test:package -- [options]

  (nothing)            what lies in the package, and fresh applications that install it
  --suite [majors]     instead the test suite on other majors of the peers: which of
                       ${names}; all when left out
  --pattern=pattern    with --suite: only the spec files whose path matches it, as npm test takes it
  --help               this text
`;

export interface Plan {
  /** The test suite is run on these; on none, the package itself is checked. */
  readonly majors: readonly Majors[];
  readonly patterns: readonly string[];
}

/** @throws {Error} that says what is wrong. @returns `undefined` when it was asked for help only. */
export function planOf(args: string[]): Plan | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      suite: { type: 'boolean', default: false },
      pattern: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { suite, pattern: patterns } = values;
  if (!suite && (positionals.length > 0 || patterns.length > 0)) {
    throw new Error('Names and patterns are for the test suite: give --suite as well.');
  }
  const chosen = chosenOf(MAJORS, positionals);
  return { majors: suite ? chosen : [], patterns };
}
