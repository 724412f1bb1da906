import { setTimeout as wait } from 'node:timers/promises';

const TICK_MS = 10;
/** A control costs the machine a request each time. */
const CONTROL_PAUSE_MS = 20;
/** Timers of Node are exact to a millisecond or two. That is no delay. */
const GRAIN_MS = 2;

export interface Lap {
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly tookMs: number;
  /** How much of that the machine has added. */
  readonly delayMs: number;
  /** The rest: what a promise in milliseconds is held to. */
  readonly ownMs: number;
}

/**
 * Asks another process something that has nothing to do with what is measured, such as `PING` or `GET /public`. It must
 * always be answered while the stopwatch runs.
 */
export type Control = () => Promise<unknown>;

/**
 * Measures how long something takes, and how long the machine kept it waiting meanwhile. A busy machine answers late
 * without anything being wrong, so a test compares a promise in milliseconds with `ownMs`.
 *
 * The delay is measured in two ways at the same time, and the larger one counts:
 * - How late a timer of this process fires. An application in this process and its timeouts cannot run in that time.
 * - How much longer than usual the controls take. That includes the wait of other processes, such as a Redis or a shop.
 */
export class Stopwatch {
  #lateMs = 0;
  #tickedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #controls: readonly ControlLoop[];

  constructor(controls: readonly Control[] = []) {
    this.#controls = controls.map((control) => new ControlLoop(control));
    this.#timer = setInterval(() => {
      this.#lateMs = this.#late;
      this.#tickedAt = performance.now();
    }, TICK_MS);
  }

  /** Begins a lap. Laps may overlap. @returns what ends the lap. */
  start(): () => Lap {
    const startedAt = performance.now();
    const before = this.#delays;
    return () => {
      const tookMs = performance.now() - startedAt;
      const delayMs = Math.max(...this.#delays.map((ms, i) => ms - before[i]!));
      return { startedAt, tookMs, delayMs, ownMs: tookMs - delayMs };
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#controls.map((control) => control.stop()));
  }

  /** In milliseconds since the stopwatch exists, by each way of measuring. */
  get #delays(): number[] {
    return [this.#late, ...this.#controls.map(({ delayMs }) => delayMs)];
  }

  get #late(): number {
    return this.#lateMs + Math.max(0, performance.now() - this.#tickedAt - TICK_MS - GRAIN_MS);
  }
}

/** Asks again and again. The fastest answer so far is what an answer usually takes. */
class ControlLoop {
  #delayMs = 0;
  #usualMs = Infinity;
  #askedAt: number | undefined;
  #isOver = false;
  readonly #work: Promise<void>;

  constructor(control: Control) {
    this.#work = this.#run(control);
    // `stop` tells of it.
    this.#work.catch(() => undefined);
  }

  get delayMs(): number {
    return this.#delayMs + this.#sinceAsked;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  /** The delay of the answer that is still awaited. */
  get #sinceAsked(): number {
    if (this.#askedAt === undefined || this.#usualMs === Infinity) return 0;
    return Math.max(0, performance.now() - this.#askedAt - this.#usualMs - GRAIN_MS);
  }

  async #run(control: Control): Promise<void> {
    while (!this.#isOver) {
      this.#askedAt = performance.now();
      await control();
      const tookMs = performance.now() - this.#askedAt;
      this.#usualMs = Math.min(this.#usualMs, tookMs);
      this.#delayMs += this.#sinceAsked;
      this.#askedAt = undefined;
      await wait(CONTROL_PAUSE_MS);
    }
  }
}

/**
 * A stopwatch for each test of a group, which runs from `beforeEach` to `afterEach`.
 *
 * @param controls is called in `beforeEach`, so that they can use what `beforeAll` has started.
 */
export function useStopwatch(controls: () => readonly Control[] = () => []): {
  start(): () => Lap;
} {
  let stopwatch: Stopwatch;
  beforeEach(() => {
    stopwatch = new Stopwatch(controls());
  });
  afterEach(() => stopwatch.stop());
  return { start: () => stopwatch.start() };
}
