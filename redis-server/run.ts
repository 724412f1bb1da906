import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Say } from './ways/way.js';

/** A command that ended with something else than 0; its output tells why. */
export class CommandError extends Error {
  constructor(
    command: string,
    readonly output: string,
  ) {
    super(`${command} failed: ${output.trim().split('\n').at(-1) || 'it said nothing'}`);
    this.name = 'CommandError';
  }
}

export interface RunOptions {
  /** Gets each line of the command's standard output. */
  say?: Say;
  /** Added to this process' environment. */
  env?: Record<string, string>;
}

/** Runs a command to its end; rejects with its output unless it ends with 0. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      options.say?.(line.trim());
    });
    createInterface(child.stderr).on('line', (line) => lines.push(line));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new CommandError(command, lines.join('\n')));
    });
  });
}
