const CLEAR_LINE = '\r\u001b[2K';
const REDRAW_EVERY_MS = 100;
const PLAIN_EVERY_MS = 10_000;

/**
 * Says on standard error what is going on: on a terminal in one line that is drawn anew, otherwise a line for each
 * step and, in long ones, every ten seconds.
 */
export class Progress {
  #step = '';
  #saidAt = 0;

  constructor(private readonly out: NodeJS.WriteStream = process.stderr) {}

  /** @param done what part of the step is done, from 0 to 1. */
  say(step: string, done?: number): void {
    const isNews = step !== this.#step;
    const pauseMs = this.out.isTTY ? REDRAW_EVERY_MS : PLAIN_EVERY_MS;
    if (!isNews && performance.now() - this.#saidAt < pauseMs) return;
    this.#step = step;
    this.#saidAt = performance.now();
    const percent = done === undefined ? '' : ` ${Math.floor(100 * done)} %`;
    if (this.out.isTTY) this.out.write(`${CLEAR_LINE}${step}${percent}`);
    else this.out.write(isNews ? `${step}\n` : `${step}${percent}\n`);
  }

  /** Makes room for what is printed for good. */
  clear(): void {
    if (this.out.isTTY) this.out.write(CLEAR_LINE);
    this.#step = '';
  }
}
