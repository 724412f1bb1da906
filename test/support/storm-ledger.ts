import type { SessionId } from '../../libs/session/src/core/token.js';

/** A session that the oracle has found alive. */
export interface LiveSession {
  readonly id: SessionId;
  readonly userId: string | undefined;
}

/**
 * What a storm was told by the answers it got, and what must hold from then on. Kept apart from the library, which
 * knows nothing of it.
 */
export class StormLedger {
  readonly #ended = new Set<SessionId>();
  readonly #proofs = new Map<SessionId, number>();
  readonly #voidSince = new Map<string, number>();
  readonly #limits = new Map<string, number>();

  /** @param provenAt when the request of the sign-in began, by `performance.now()`. */
  signedIn(id: SessionId, provenAt: number): void {
    this.#proofs.set(id, provenAt);
  }

  /** The end of these was acknowledged. */
  ended(...ids: readonly SessionId[]): void {
    for (const id of ids) this.#ended.add(id);
  }

  /** A sign-out everywhere was acknowledged. @param askedAt when it began: what was proven before is void. */
  endedEverywhere(userId: string, askedAt: number): void {
    this.#voidSince.set(userId, Math.max(askedAt, this.#voidSince.get(userId) ?? 0));
  }

  /** How many sessions a user may have. */
  limit(userId: string, sessions: number): void {
    this.#limits.set(userId, sessions);
  }

  /** What must not be, given all the sessions that are alive. */
  faultsOf(live: readonly LiveSession[]): string[] {
    const revoked = live.filter((session) => this.#isRevoked(session));
    return [
      ...revoked.map(({ id }) => `session ${id} is alive although it was revoked`),
      ...this.#excess(live).map(({ id, userId }) => `session ${id} of ${userId} is over the limit`),
    ];
  }

  #excess(live: readonly LiveSession[]): LiveSession[] {
    const counts = new Map<string, number>();
    return live.filter(({ userId }) => {
      if (userId === undefined) return false;
      const count = (counts.get(userId) ?? 0) + 1;
      counts.set(userId, count);
      return count > (this.#limits.get(userId) ?? Infinity);
    });
  }

  #isRevoked({ id, userId }: LiveSession): boolean {
    if (this.#ended.has(id)) return true;
    const voidSince = userId === undefined ? undefined : this.#voidSince.get(userId);
    const provenAt = this.#proofs.get(id);
    return voidSince !== undefined && provenAt !== undefined && provenAt <= voidSince;
  }
}
