import { Progress } from '../bench/support/progress.js';
import { table } from '../bench/support/table.js';

const HEAD = ['check', 'seen', 'seconds', 'result'];

/** What was checked, one line each; a check that throws has failed, and the others go on. */
export class Report {
  readonly #progress = new Progress();
  readonly #rows: string[][] = [];
  #isGood = true;

  get isGood(): boolean {
    return this.#isGood;
  }

  /** @param check tells what it saw. @returns whether it passed. */
  async check(name: string, check: () => Promise<string>): Promise<boolean> {
    const startedAt = performance.now();
    this.#progress.say(`${name} ...`);
    const tick = setInterval(() => this.#progress.say(`${name} ...`), 1000);
    let seen: string | undefined;
    try {
      seen = await check();
    } catch (error) {
      this.#isGood = false;
      this.print(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      clearInterval(tick);
    }
    const isPassed = seen !== undefined;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    this.#rows.push([name, seen ?? 'see above', seconds, isPassed ? 'ok' : 'NOT OK']);
    return isPassed;
  }

  print(text: string): void {
    this.#progress.clear();
    process.stdout.write(`${text}\n`);
  }

  printTable(): void {
    this.print(table(HEAD, this.#rows));
  }
}
