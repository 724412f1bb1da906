import { setTimeout as wait } from 'node:timers/promises';

const AT_ONCE = 100;
const PAUSE_MS = 500;

/** Looks at many things a hundred at a time, and again at those that could not be seen. */
export class LookQueue<Key> {
  readonly #waiting = new Set<Key>();
  #isRunning = false;
  #isStopped = false;

  /** @param look rejects where nothing is known: then it is tried again. */
  constructor(private readonly look: (key: Key) => Promise<void>) {}

  add(keys: Iterable<Key>): void {
    for (const key of keys) this.#waiting.add(key);
    if (!this.#isRunning) void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.size > 0 && !this.#isStopped) {
      const some = [...this.#waiting].slice(0, AT_ONCE);
      for (const key of some) this.#waiting.delete(key);
      const seen = await Promise.allSettled(some.map((key) => this.look(key)));
      const missed = some.filter((_, i) => seen[i]!.status === 'rejected');
      for (const key of missed) this.#waiting.add(key);
      if (missed.length > 0) await wait(PAUSE_MS, undefined, { ref: false });
    }
    this.#isRunning = false;
  }
}
