import { print, progress } from '../bench/support/program.js';
import { table } from '../bench/support/table.js';

const HEAD = ['check', 'seen', 'seconds', 'result'];

/** What was checked, one line each; a check that throws has failed, and the others go on. */
export class Report {
  readonly #rows: string[][] = [];
  #isGood = true;

  get isGood(): boolean {
    return this.#isGood;
  }

  /** @param check tells what it saw. @returns whether it passed. */
  async check(name: string, check: () => Promise<string>): Promise<boolean> {
    const startedAt = performance.now();
    progress.say(`${name} ...`);
    const tick = setInterval(() => progress.say(`${name} ...`), 1000);
    let seen: string | undefined;
    try {
      seen = await check();
    } catch (error) {
      this.#isGood = false;
      print(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      clearInterval(tick);
    }
    const isPassed = seen !== undefined;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    this.#rows.push([name, seen ?? 'see above', seconds, isPassed ? 'ok' : 'NOT OK']);
    return isPassed;
  }

  printTable(): void {
    print(table(HEAD, this.#rows));
  }
}
