import { once, EventEmitter } from 'node:events';
import type { SeededRandom } from '../seeded-random.js';
import { type Fault, type FaultyRedis, strike } from './faults.js';

/** A fault that waits for the next answer must not meet that of a handshake, much later. */
const OPERATIONS_TO_MEET_IT = 20;

/** Lets a fault strike whenever so many operations were done: the moment depends on no clock. */
export class FaultDriver {
  readonly struck = new Map<Fault, number>();
  readonly #paces = new EventEmitter();
  readonly #over = new AbortController();
  #operations = 0;

  constructor(
    private readonly redis: FaultyRedis,
    private readonly faults: readonly Fault[],
    private readonly operationsBetween: number,
    private readonly random: SeededRandom,
  ) {}

  count(): void {
    this.#paces.emit(`${++this.#operations}`);
  }

  /** Strikes until {@link stop}. */
  async run(): Promise<void> {
    try {
      for (;;) {
        await this.#operationsLater(1 + this.random.below(2 * this.operationsBetween));
        const fault = this.random.oneOf(this.faults);
        this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
        await strike(fault, this.redis, this.random);
        await this.#operationsLater(OPERATIONS_TO_MEET_IT);
        for (const proxy of this.redis.proxies) proxy.behave();
      }
    } catch (error) {
      if (!this.#over.signal.aborted) throw error;
    }
  }

  stop(): void {
    this.#over.abort();
  }

  async #operationsLater(operations: number): Promise<void> {
    await once(this.#paces, `${this.#operations + operations}`, { signal: this.#over.signal });
  }
}
