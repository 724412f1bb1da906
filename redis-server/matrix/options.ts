import { parseArgs } from 'node:util';
import { chosenOf } from '../../bench/support/chosen.js';
import { type MatrixServer, SERVERS } from './servers.js';

const names = SERVERS.map(({ name }) => name).join(' ');

export const USAGE = `npm run test:servers -- [servers] [options]

  servers            which of ${names}; all when left out
  --pattern=pattern  only the spec files whose path matches it, as npm test takes it
  --help             this text
`;

export interface Plan {
  readonly servers: readonly MatrixServer[];
  readonly patterns: readonly string[];
}

/** @throws {Error} that says what is wrong. @returns `undefined` when it was asked for help only. */
export function planOf(args: string[]): Plan | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      pattern: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return { servers: chosenOf(SERVERS, positionals), patterns: values.pattern };
}
