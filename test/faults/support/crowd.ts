import { StormRandom } from '../../support/storm-random.js';
import { CrowdVisitor } from './crowd-visitor.js';
import { Ledger } from './ledger.js';

export interface CrowdOptions {
  readonly visitors?: number;
  readonly seed: number;
  /** Goes into the names of its users, where there are several crowds. */
  readonly name?: string;
}

/** Visitors at work: each signs in on two devices, reads, writes, renews, signs out and tries tokens that ended. */
export class Crowd {
  readonly ledger = new Ledger();
  readonly #visitors: CrowdVisitor[];
  #work: Promise<unknown> | undefined;
  #isAtWork = false;

  constructor(urls: readonly string[], { visitors = 12, seed, name = 'user' }: CrowdOptions) {
    this.#visitors = Array.from(
      { length: visitors },
      (_, i) =>
        new CrowdVisitor(`${name}-${i}`, urls, this.ledger, new StormRandom(seed + 7919 * i)),
    );
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
    this.#work = Promise.all(
      this.#visitors.map(async (visitor) => {
        while (this.#isAtWork) await visitor.step();
      }),
    );
  }

  async stop(): Promise<void> {
    this.#isAtWork = false;
    await this.#work;
  }

  /** Until so many more requests were answered with yes: so that a fault meets a site at work. */
  async untilYes(more: number): Promise<void> {
    const enough = this.ledger.yes + more;
    while (this.ledger.yes < enough) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Afterwards, when all is well again: every live device is let in and sees its own, every ended token is refused. */
  async reckon(): Promise<void> {
    for (const visitor of this.#visitors) {
      for (const device of visitor.devices.filter(({ state }) => state === 'live')) {
        const { kind } = await visitor.read(device);
        if (kind === 'refused')
          this.ledger.wrong('error', `${visitor.user} was refused afterwards`);
      }
      for (const cookie of visitor.endedCookies) {
        if (await visitor.tryCookie(cookie)) continue;
        this.ledger.wrong('error', `a token of ${visitor.user} got no answer afterwards`);
      }
    }
  }
}
