import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { untilEnd } from './scratch.js';

const execute = promisify(execFile);

/** What a program said; rejects with all of it unless it ends with 0. */
export async function command(
  folder: string,
  program: string,
  args: readonly string[],
): Promise<string> {
  try {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, signal: untilEnd };
    const { stdout } = await execute(program, args, options);
    return stdout;
  } catch (error) {
    const { stdout, stderr, message } = error as { stdout: string; stderr: string } & Error;
    const said = `${stdout}\n${stderr}`.trim();
    throw new Error(`${program} ${args.join(' ')} failed:\n${said || message}`, { cause: error });
  }
}

/** A program that Node runs. */
export function node(folder: string, ...args: string[]): Promise<string> {
  return command(folder, process.execPath, args);
}
