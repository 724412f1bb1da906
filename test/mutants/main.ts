import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { launchRedis } from '../../redis-server/launch.js';
import { ContractCheck } from './contract-check.js';
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
/** Scripts whose specs pass without a mutant. */
const controlled = new Set<string>();

const guardOf = (mutant: Mutant) => ({
  what: place(mutant),
  from: mutant.from,
  to: mutant.text,
});
const tellKilled = (mutant: Mutant, by: string) => {
  killed++;
  console.log(`killed  ${place(mutant)}  ${change(mutant)}  (${by})`);
};

try {
  const contract = await ContractCheck.open(redis.url);
  console.log(`${mutants.length} mutants`);
  const waiting = [...mutants];
  const left: Mutant[] = [];
  const tryMutants = async () => {
    for (let mutant; (mutant = waiting.shift()) && !stop.signal.aborted;) {
      const by = await contract.quickBreach(guardOf(mutant));
      if (by) tellKilled(mutant, by);
      else left.push(mutant);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, tryMutants));
  for (const mutant of left) {
    if (stop.signal.aborted) break;
    const by = await contract.slowBreach(guardOf(mutant));
    if (by) tellKilled(mutant, by);
    else survivors.push(mutant);
  }
  console.log(`\n${killed} killed by the contract, ${survivors.length} left\n`);
  for (const mutant of values['contract-only'] ? [] : survivors.splice(0)) {
    if (stop.signal.aborted) break;
    const { script, from, text: to } = mutant;
    if (!controlled.has(script)) {
      controlled.add(script);
      const isSound = await specsPass(undefined, script, SPECS_LIMIT_MS, stop.signal);
      if (!isSound) throw new Error(`Without a mutant the specs of ${script} fail, too.`);
    }
    const hasPassed = await specsPass(
      { script, from, to },
      script,
      SPECS_LIMIT_MS,
      stop.signal,
    ).catch(() => true);
    if (stop.signal.aborted) break;
    if (!hasPassed) tellKilled(mutant, 'specs');
    else {
      survivors.push(mutant);
      console.log(`SURVIVED  ${place(mutant)}  ${change(mutant)}`);
    }
  }
} finally {
  await redis.stop();
}
console.log(
  `\n${mutants.length} mutants: ${killed} killed, ${survivors.length} survived${stop.signal.aborted ? ', others not tried: interrupted' : ''}`,
);
for (const mutant of survivors) console.log(`  ${place(mutant)}  ${change(mutant)}`);
process.exit(stop.signal.aborted ? 130 : 0);
