/** How exact a deadline is: small enough to close a socket within a second, and few enough to wake up for. */
const WIDTH_MS = 250;

/** Tells when the time of something has come, with one timer for all of them. */
export class Deadlines<Key> {
  readonly #due = new Map<number, Set<Key>>();
  readonly #slotOf = new Map<Key, number>();
  #timer: NodeJS.Timeout | undefined;
  /** The slot that comes next. */
  #next = 0;

  /** @param reached is told all that is due at once. */
  constructor(private readonly reached: (keys: readonly Key[]) => void) {}

  /** The only deadline of its key: one that was set before holds no longer. */
  set(key: Key, inMs: number): void {
    this.delete(key);
    const slot = Math.max(slotIn(inMs) + 1, this.#next);
    this.#slotOf.set(key, slot);
    const keys = this.#due.get(slot);
    if (keys) keys.add(key);
    else this.#due.set(slot, new Set([key]));
    if (this.#timer) return;
    this.#next = slotIn(0);
    this.#timer = setInterval(() => this.#tick(), WIDTH_MS).unref();
  }

  delete(key: Key): void {
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return;
    this.#slotOf.delete(key);
    const keys = this.#due.get(slot)!;
    keys.delete(key);
    if (keys.size === 0) this.#due.delete(slot);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const reached: Key[] = [];
    // A process that was held up has several to go through.
    for (const now = slotIn(0); this.#next <= now; this.#next++) {
      reached.push(...(this.#due.get(this.#next) ?? []));
    }
    for (const key of reached) this.delete(key);
    if (this.#due.size === 0) this.stop();
    if (reached.length > 0) this.reached(reached);
  }
}

/** By the clock that never jumps. */
function slotIn(inMs: number): number {
  return Math.floor((performance.now() + inMs) / WIDTH_MS);
}
