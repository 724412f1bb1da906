/** A command with its arguments. */
export type Command = [name: string, ...args: (string | number)[]];

/** Commands that go one right after the other; the answer is that to the last. */
export type Write = readonly Command[];

interface Waiting {
  readonly write: Write;
  readonly since: number;
  resolve(reply: unknown): void;
  reject(reason: unknown): void;
}

/** Sends writes together: while some are under way, the others of the same line wait, and then go together. */
export class WriteBatches<Line> {
  readonly #lines = new Map<Line, Waiting[]>();

  /**
   * @param send gives for each write its reply, or an `Error` in its place; rejects when all failed.
   * @param patienceMs how long one may wait: whoever asked has been answered by then, and it would act for nobody.
   */
  constructor(
    private readonly send: (line: Line, writes: readonly Write[]) => Promise<unknown[]>,
    private readonly patienceMs: number,
  ) {}

  /** @param line where it goes; what is in the same line goes together. @param since when it was asked for. */
  add(line: Line, write: Write, since = performance.now()): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const waiting = { write, since, resolve, reject };
      const others = this.#lines.get(line);
      if (others) others.push(waiting);
      else {
        this.#lines.set(line, [waiting]);
        void this.#serve(line);
      }
    });
  }

  async #serve(line: Line): Promise<void> {
    for (let batch; (batch = this.#lines.get(line)!).length > 0;) {
      this.#lines.set(line, []);
      const inTime = batch.filter(({ since }) => performance.now() - since < this.patienceMs);
      if (inTime.length > 0) await this.#deliver(line, inTime);
    }
    this.#lines.delete(line);
  }

  async #deliver(line: Line, batch: readonly Waiting[]): Promise<void> {
    try {
      const replies = await this.send(
        line,
        batch.map(({ write }) => write),
      );
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
