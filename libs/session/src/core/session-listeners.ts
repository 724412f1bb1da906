import type { LocalSessionEvent } from './session-event.js';

/**
 * Is told what one act did, in the order in which it happened. Must not throw. A write is answered once the promise has
 * resolved, if there is one; if it rejects, so does the write, although it was carried out.
 */
export type SessionListener = (
  events: readonly LocalSessionEvent[],
) => Promise<unknown> | undefined;

/** Who hears what a repository does to sessions. Where nobody does, nothing is made to be told. */
export class SessionListeners {
  readonly #listeners = new Set<SessionListener>();

  /** Whether anybody listens. Ask before you make what is to be told. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** @returns what ends it. */
  add(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when all have heard it that want to be waited for. */
  async tell(events: readonly LocalSessionEvent[]): Promise<void> {
    if (events.length === 0) return;
    await Promise.all([...this.#listeners].map((listener) => listener(events)));
  }
}
