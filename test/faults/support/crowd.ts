import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { runTurns } from '../../random/run-turns.js';
import { SeededRandom } from '../../random/seeded-random.js';
import { lightFetch } from '../../support/light-fetch.js';
import { times } from '../../support/scale.js';
import { Stopwatch } from '../../support/stopwatch.js';
import { CrowdVisitor } from './crowd-visitor.js';
import { Ledger } from './ledger.js';

export interface CrowdOptions {
  readonly visitors?: number;
  readonly seed: number;
  /** Goes into the names of its users, where there are several crowds. */
  readonly name?: string;
  /** Whether they ask for new tokens. A renewal waits for nothing, so its old token may be back after a loss. */
  readonly renews?: boolean;
  /** How long each waits between two requests; in `npm test` other specs run at the same time. */
  readonly thinkMs?: number;
}

/** A site that serves nobody for so long has not recovered. */
const PATIENCE_MS = 30_000;

/** Visitors at work: each signs in on two devices, reads, writes, renews, signs out and tries tokens that ended. */
export class Crowd {
  readonly ledger = new Ledger();
  readonly users: readonly string[];
  readonly #visitors: CrowdVisitor[];
  readonly #thinkMs: number;
  #work: Promise<unknown> | undefined;
  #isAtWork = false;

  constructor(
    private readonly urls: readonly string[],
    {
      visitors = times(4, 12),
      seed,
      name = 'user',
      renews = true,
      thinkMs = times(50, 0),
    }: CrowdOptions,
  ) {
    this.users = Array.from({ length: visitors }, (_, i) => `${name}-${i}`);
    this.#thinkMs = thinkMs;
    this.#visitors = this.users.map((user, i) => {
      const random = new SeededRandom(seed + 7919 * i);
      return new CrowdVisitor(user, urls, this.ledger, random, renews);
    });
  }

  /** Lets them work until `act` is over, and waits for the last answer. */
  async during<T>(act: () => Promise<T>): Promise<T> {
    this.start();
    try {
      return await act();
    } finally {
      await this.stop();
    }
  }

  start(): void {
    this.#isAtWork = true;
    this.#startStopwatch();
    const visitors = this.#visitors;
    const isEnough = () => !this.#isAtWork;
    const thinkMs = this.#thinkMs;
    this.#work = runTurns(visitors.length, isEnough, async (_, worker) => {
      await visitors[worker]!.step();
      if (thinkMs > 0) await wait(thinkMs);
    });
  }

  async stop(): Promise<void> {
    this.#isAtWork = false;
    await this.#work;
    await this.ledger.stopwatch?.stop();
  }

  /** Until so many more requests were answered with yes: so that a fault meets a site at work. */
  untilYes(more: number): Promise<void> {
    return this.#until('yes', more);
  }

  /** Until so many more requests were refused: so that a fault lasts long enough to be met. */
  untilRefused(more: number): Promise<void> {
    return this.#until('refused', more);
  }

  /** Until so many more requests were answered, in whatever way. */
  untilAnswered(more: number): Promise<void> {
    return this.#until('requests', more);
  }

  /** Until none of them has been refused for so many answers in a row: then the last refusal was the end of an outage. */
  async untilWell(answers = times(10, 25)): Promise<void> {
    for (const visitor of this.#visitors) visitor.countAnew();
    const isWell = async () => this.#visitors.every(({ inARow }) => inARow >= answers);
    await eventually('no visitor is refused any more', isWell, 60_000);
  }

  /** Once all is well again, and nothing that got no answer can still be carried out. */
  settle(): void {
    for (const visitor of this.#visitors) visitor.settle();
  }

  /** Afterwards, when all is well again: every live device is let in and sees its own, every ended token is refused. */
  async reckon(): Promise<void> {
    this.#startStopwatch();
    try {
      await Promise.all(this.#visitors.map((visitor) => this.#reckonWith(visitor)));
    } finally {
      await this.ledger.stopwatch?.stop();
    }
  }

  /** The control of each instance is a request that needs no session. */
  #startStopwatch(): void {
    const controls = this.urls.map(
      // An instance may be ended by the test.
      (_, i) => () => lightFetch(`${this.urls[i]}/public`).catch(() => undefined),
    );
    this.ledger.stopwatch = new Stopwatch(controls);
  }

  /** Until so many more sign-outs were acknowledged: so that some could be undone. */
  untilSignedOut(more: number): Promise<void> {
    return this.#until('signOuts', more);
  }

  async #until(kind: 'yes' | 'refused' | 'requests' | 'signOuts', more: number): Promise<void> {
    const enough = this.ledger[kind] + more;
    const end = performance.now() + PATIENCE_MS;
    while (this.ledger[kind] < enough) {
      if (performance.now() > end) throw new Error(`No more requests are counted as ${kind}.`);
      await wait(2);
    }
  }

  async #reckonWith(visitor: CrowdVisitor): Promise<void> {
    for (const device of visitor.devices.filter(({ state }) => state === 'live')) {
      const isAnswered = async () => (await visitor.read(device)).kind !== 'refused';
      await this.#untilAnswered(`${visitor.user} was refused afterwards`, isAnswered);
    }
    for (const ended of visitor.endedCookies) {
      const isAnswered = () => visitor.tryCookie(ended);
      await this.#untilAnswered(`an ended token of ${visitor.user} got no answer`, isAnswered);
    }
  }

  /** An instance may still be on its way back to Redis. */
  async #untilAnswered(wrong: string, isAnswered: () => Promise<boolean>): Promise<void> {
    await eventually(wrong, isAnswered).catch(() => this.ledger.wrong('error', wrong));
  }
}
