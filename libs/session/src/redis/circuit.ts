const FAILURES_THAT_OPEN = 5;
const PAUSE_MS = 200;

/**
 * After a few failures in a row Redis is left alone for a moment, and requests are refused at once instead of each
 * waiting for its time limit. Then one is let through to find out; the others wait for what it finds. The pauses are
 * random, so that instances do not come back all at once.
 */
export class Circuit {
  #failures = 0;
  #restsUntil = 0;

  /** @param timeoutMs how long a question may take. */
  constructor(private readonly timeoutMs: number) {}

  /** Whether it has failed so often that Redis is left alone. */
  get isOpen(): boolean {
    return this.#failures >= FAILURES_THAT_OPEN;
  }

  /** Whether Redis may be asked now. */
  mayAsk(now: number): boolean {
    if (!this.isOpen) return true;
    if (now < this.#restsUntil) return false;
    this.#rest(now + this.timeoutMs);
    return true;
  }

  failed(now: number): void {
    this.#failures++;
    if (this.isOpen) this.#rest(now);
  }

  answered(): void {
    this.#failures = 0;
  }

  #rest(from: number): void {
    this.#restsUntil = from + PAUSE_MS * (0.5 + Math.random());
  }
}
