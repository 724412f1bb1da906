import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const CLI = 'libs/session/dist/cli/main.js';
const run = promisify(execFile);

/** What the library's program says and how it ends. */
export async function runCli(
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [CLI, ...args]);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}
