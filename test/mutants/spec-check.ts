import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const at = (path: string) => new URL(path, import.meta.url);

const EVERYWHERE = ['redis-repository', 'user-set', 'sign-in\\.integration', 'fields-alone'];
const INDEX = ['search/declaration', 'search/mass-actions', 'search/rollout'];
const APART = ['express-session-store\\.integration'];

/** Short specs that need a script, and more than the contract says of it. */
const SPECS: Record<string, readonly string[]> = {
  commit: [...EVERYWHERE, ...INDEX],
  create: [...EVERYWHERE, ...INDEX],
  'index-state': INDEX,
  reindex: INDEX,
  'revoke-if': INDEX,
  claim: [...APART, 'user-set'],
  extend: APART,
  forget: [...APART, 'user-set'],
  spare: [...APART, 'sign-in\\.integration'],
  survey: ['user-set'],
  page: ['user-set', 'redis-repository'],
};

/** @returns whether the specs of a script pass although the built library has the mutant. */
export async function specsPass(
  mutant: { readonly script: string; readonly from: string; readonly to: string } | undefined,
  script: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const specs = SPECS[script] ?? [...EVERYWHERE, ...INDEX, ...APART];
  const run = spawn(
    process.execPath,
    [
      fileURLToPath(at('../run.mjs')),
      'quick',
      `/(${specs.join('|')})`,
      '--maxWorkers=1',
      '--bail',
      '--forceExit',
    ],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: `--import ${at('./apply-mutant.mjs').href}`,
        ...(mutant && { LUA_MUTANT: JSON.stringify(mutant) }),
      },
      stdio: 'ignore',
      timeout: limitMs,
      signal,
    },
  );
  const [code] = (await once(run, 'close')) as [number | null];
  return code === 0;
}
