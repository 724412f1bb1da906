import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { launchRedis } from '../../redis-server/launch.js';
import { contractBreach } from './contract-check.js';
import { luaPieces } from './lua-sources.js';
import { type Mutation, mutationsOf } from './mutate-lua.js';
import { specsPass } from './spec-check.js';

/**
 * Changes the Lua of the library, one thing at a time, and says which changes no test notices. Never in a file: first the client of
 * a repository sends the mutant, which must break the contract; what that does not notice goes into the built library as Node loads it, under
 * the short specs that need the script.
 *
 * `npm run test:mutants -- [script …] [--contract-only] [--every n]`
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'contract-only': { type: 'boolean', default: false },
    /** Tries one mutant of so many. */
    every: { type: 'string', default: '1' },
  },
});

const TOGETHER = 6;
/** Until it is known how long it takes. */
const CONTROL_LIMIT_MS = 60_000;
const SPECS_LIMIT_MS = 180_000;

interface Mutant extends Mutation {
  readonly script: string;
  readonly from: string;
  readonly fileLine: number;
}

const mutants: Mutant[] = luaPieces(positionals)
  .flatMap(({ script, text: from, line }) =>
    mutationsOf(from).map((mutation) => ({
      ...mutation,
      script,
      from,
      fileLine: line + mutation.line,
    })),
  )
  .filter((_, i) => i % Number(values.every) === 0);

// What a mutant makes the library say is of no interest.
Logger.overrideLogger(false);
const redis = await launchRedis();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
process.on('unhandledRejection', () => undefined);

const place = ({ script, fileLine }: Mutant) => `${script}.ts:${fileLine}`;
const change = ({ kind, before, after }: Mutant) =>
  `${kind}: ${before}  →  ${after || '(nothing)'}`;
const survivors: Mutant[] = [];
let killed = 0;

try {
  const startedAt = performance.now();
  const breach = await contractBreach(redis.url, undefined, CONTROL_LIMIT_MS);
  const limitMs = 2000 + TOGETHER * (performance.now() - startedAt);
  if (breach) throw new Error(`Without a mutant the contract is broken, too: ${breach}`);
  console.log(`${mutants.length} mutants`);
  const waiting = [...mutants];
  const tryMutants = async () => {
    for (let mutant; (mutant = waiting.shift()) && !stop.signal.aborted;) {
      const guard = { what: place(mutant), from: mutant.from, to: mutant.text };
      const by = await contractBreach(redis.url, guard, limitMs);
      if (by) killed++;
      else survivors.push(mutant);
      console.log(
        `${by ? 'killed' : 'passed'}  ${place(mutant)}  ${change(mutant)}${by ? `  (${by})` : ''}`,
      );
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, tryMutants));
  console.log(`\n${killed} killed by the contract, ${survivors.length} left`);
  const rest = values['contract-only'] ? [] : survivors.splice(0);
  for (const mutant of rest) {
    if (stop.signal.aborted) break;
    const { script, from, text: to } = mutant;
    const hasPassed = await specsPass(
      { script, from, to },
      script,
      SPECS_LIMIT_MS,
      stop.signal,
    ).catch(() => true);
    if (hasPassed) survivors.push(mutant);
    else killed++;
    console.log(`${hasPassed ? 'SURVIVED' : 'killed'}  ${place(mutant)}  ${change(mutant)}`);
  }
} finally {
  await redis.stop();
}
console.log(`\n${mutants.length} mutants: ${killed} killed, ${survivors.length} survived`);
for (const mutant of survivors) console.log(`  ${place(mutant)}  ${change(mutant)}`);
process.exit(stop.signal.aborted ? 130 : 0);
