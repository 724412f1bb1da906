/** A command with its arguments. */
export type Command = [name: string, ...args: (string | number)[]];

interface Waiting {
  readonly command: Command;
  readonly since: number;
  resolve(reply: unknown): void;
  reject(reason: unknown): void;
}

/** Sends commands together: while some are under way, the others of the same line wait, and then go at once. */
export class WriteBatches {
  readonly #lines = new Map<string, Waiting[]>();

  /**
   * @param send gives for each command its reply, or an `Error` in its place; rejects when all failed.
   * @param patienceMs how long one may wait: whoever asked has been answered by then, and it would act for nobody.
   */
  constructor(
    private readonly send: (commands: readonly Command[]) => Promise<unknown[]>,
    private readonly patienceMs: number,
  ) {}

  /** @param line only what is in the same line can go together. */
  add(line: string, command: Command): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const waiting = { command, since: performance.now(), resolve, reject };
      const others = this.#lines.get(line);
      if (others) others.push(waiting);
      else {
        this.#lines.set(line, [waiting]);
        void this.#serve(line);
      }
    });
  }

  async #serve(line: string): Promise<void> {
    for (let batch; (batch = this.#lines.get(line)!).length > 0;) {
      this.#lines.set(line, []);
      const inTime = batch.filter(({ since }) => performance.now() - since < this.patienceMs);
      if (inTime.length > 0) await this.#deliver(inTime);
    }
    this.#lines.delete(line);
  }

  async #deliver(batch: readonly Waiting[]): Promise<void> {
    try {
      const replies = await this.send(batch.map(({ command }) => command));
      batch.forEach(({ resolve, reject }, i) => {
        const reply = replies[i];
        if (reply instanceof Error) reject(reply);
        else resolve(reply);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
