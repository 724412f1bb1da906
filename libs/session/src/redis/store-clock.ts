/**
 * The clock of Redis as seen from here, learned from the answers of scripts. Redis alone decides when a session
 * ends; this only tells when a touch is due, so that a wrong clock on an application server has no effect.
 */
export class StoreClock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  /**
   * @param sentAt when the question left, by the clock here. Measured against that the result is never behind the
   *   clock of Redis: a touch may come a moment early, and never late.
   */
  observe(sentAt: number, storeNow: number): void {
    this.#offset = storeNow - sentAt;
  }
}
