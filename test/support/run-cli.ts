import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { Logger } from '@nestjs/common';
import { runProgram } from '../../libs/session/src/cli/program.js';
import { Terminal } from '../../libs/session/src/cli/terminal.js';
import { eventually } from './eventually.js';

const CLI = 'libs/session/dist/cli/main.js';
const run = promisify(execFile);

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program in this process, as if on pipes: starting one takes half a second of CPU time. */
export function runCli(...args: string[]): Promise<CliResult> {
  return runCliWith({ ...process.env }, ...args);
}

/** The same, with only these variables in its environment. */
export async function runCliWith(
  variables: Readonly<Record<string, string | undefined>>,
  ...args: string[]
): Promise<CliResult> {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write: (chunk, _encoding, done) => {
        written[name] += String(chunk);
        done();
      },
    });
  const terminal = new Terminal(process.stdin, into('out'), into('err'));
  try {
    return { code: await runProgram(args, variables, terminal), ...written };
  } finally {
    // The program sends what Nest logs to its terminal.
    Logger.overrideLogger(['log', 'warn', 'error', 'fatal']);
  }
}

/** Runs the program in a process of its own, where Node itself reads a variable. */
export async function runCliProcess(
  variables: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<CliResult> {
  const env = { ...process.env, ...variables };
  try {
    const { stdout, stderr } = await run(process.execPath, [CLI, ...args], { env });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

/** The program while it runs. */
export class RunningCli {
  out = '';
  err = '';
  readonly #child;
  readonly #closed: Promise<unknown>;

  /** @param command Node, if nothing else is to run it. */
  constructor(args: readonly string[], command: string = process.execPath) {
    this.#child = spawn(command, args);
    this.#closed = once(this.#child, 'close');
    this.#child.stdout.on('data', (chunk) => (this.out += chunk));
    this.#child.stderr.on('data', (chunk) => (this.err += chunk));
  }

  static start(...args: string[]): RunningCli {
    return new RunningCli([CLI, ...args]);
  }

  /** @param line what comes behind the name of the program, in the language of bash. */
  static inShell(line: string): RunningCli {
    return new RunningCli(['-c', `'${process.execPath}' ${CLI} ${line}`], 'bash');
  }

  /** At a terminal that is as wide as that. Both outputs are one there. */
  static atTerminal(columns: number, ...args: string[]): RunningCli {
    const quoted = [process.execPath, CLI, ...args].map((arg) => `'${arg}'`).join(' ');
    return new RunningCli(['-qefc', `stty cols ${columns}; exec ${quoted}`, '/dev/null'], 'script');
  }

  untilSaid(what: RegExp): Promise<void> {
    return eventually(`it says ${String(what)}`, async () => what.test(this.out + this.err));
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  stopReading(): void {
    this.#child.stdout.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** @returns its exit code. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }
}
