import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { untilEnd } from '../scratch.js';

const PATIENCE_MS = 30_000;

/** Runs the app while something is done with it, and expects it to end by itself when it is asked to. */
export async function withApp<Result>(
  folder: string,
  args: readonly string[],
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const child = spawn(process.execPath, ['dist/app.js', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: untilEnd,
  });
  const ended = once(child, 'close').then(() => undefined);
  const said: string[] = [];
  const listening = new Promise<string>((resolve) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface(output).on('line', (line) => {
        said.push(line);
        const url = /listens on (\S+)$/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
  const patience = new AbortController();
  const tooLate = wait(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
  try {
    const url = await Promise.race([listening, ended, tooLate]);
    if (url === undefined) throw new Error(`it does not start: ${said.join('\n')}`);
    const result = await work(url);
    child.kill('SIGTERM');
    const isEnded = await Promise.race([
      ended.then(() => true),
      wait(PATIENCE_MS, false, { signal: patience.signal }),
    ]);
    if (!isEnded) throw new Error(`it does not end: ${said.join('\n')}`);
    return result;
  } finally {
    patience.abort();
    child.kill('SIGKILL');
    await ended;
  }
}
