import { countSkipped, type SkippedSessions, type SkipReason } from '../core/skipped-sessions.js';
import type { SessionId } from '../core/token.js';

/** A roll-back can leave a million. Those beyond are counted, and tried again when the index is filled anew. */
const MOST_REMEMBERED = 1000;

/** The sessions that this instance could not bring into the index, to be tried again. */
export class SkippedList {
  readonly #reasons = new Map<SessionId, SkipReason>();
  readonly #beyond: SkipReason[] = [];

  get ids(): SessionId[] {
    return [...this.#reasons.keys()];
  }

  get counts(): SkippedSessions {
    return countSkipped([...this.#reasons.values(), ...this.#beyond]);
  }

  has(id: SessionId): boolean {
    return this.#reasons.has(id);
  }

  add(id: SessionId, reason: SkipReason): void {
    const isKept = this.#reasons.has(id) || this.#reasons.size < MOST_REMEMBERED;
    if (isKept) this.#reasons.set(id, reason);
    else this.#beyond.push(reason);
  }

  remove(id: SessionId): void {
    this.#reasons.delete(id);
  }

  clear(): void {
    this.#reasons.clear();
    this.#beyond.length = 0;
  }
}
