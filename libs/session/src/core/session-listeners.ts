import type { LocalSessionEvent } from './session-event.js';

/**
 * Is told what one act did, in the order in which it happened. Must not throw. A write is answered once the promise has
 * resolved, if there is one; if it rejects, so does the write, although it was carried out.
 */
export type SessionListener = (
  events: readonly LocalSessionEvent[],
) => Promise<unknown> | undefined;

/** Hears of cutoffs: they end sessions that no event names. Must not throw. */
export interface CutoffListener {
  /** One was written by this repository. The call waits for the promise. */
  written?(): Promise<unknown> | undefined;
  /** There may be others than before: sessions that are in use may have ended. */
  changed?(): void;
}

/** Who hears what a repository does to sessions. Where nobody does, nothing is made to be told. */
export class SessionListeners {
  readonly #listeners = new Set<SessionListener>();
  readonly #cutoffListeners = new Set<CutoffListener>();

  /** Whether anybody listens. Ask before you make what is to be told. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** @returns what ends it. */
  add(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The same for cutoffs. @returns what ends it. */
  addCutoffListener(listener: CutoffListener): () => void {
    this.#cutoffListeners.add(listener);
    return () => void this.#cutoffListeners.delete(listener);
  }

  /** Tells that a cutoff was written here. Resolves when all have heard it. */
  async cutoffWritten(): Promise<void> {
    await Promise.all([...this.#cutoffListeners].map((listener) => listener.written?.()));
  }

  /** Tells that there may be other cutoffs than before. */
  cutoffsChanged(): void {
    for (const listener of this.#cutoffListeners) listener.changed?.();
  }

  /** Resolves when all have heard it that want to be waited for. */
  async tell(events: readonly LocalSessionEvent[]): Promise<void> {
    if (events.length === 0) return;
    await Promise.all([...this.#listeners].map((listener) => listener(events)));
  }
}
