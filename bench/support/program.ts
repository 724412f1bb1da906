import { Progress } from './progress.js';

/** Of this process. */
export const progress = new Progress();

/** For good: below it goes on saying how far it is. */
export function print(text: string): void {
  progress.clear();
  process.stdout.write(`${text}\n`);
}

/** What goes wrong is said in one line, and in the exit code. */
export async function run(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    progress.clear();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
