import type { SessionId } from '../../../libs/session/src/core/token.js';

/** A session that the oracle has found alive. */
export interface LiveSession {
  readonly id: SessionId;
  readonly userId: string | undefined;
}

/** What the answers of a storm promised, and so what must hold afterwards. It uses nothing of the library. */
export class StormLedger {
  readonly #ended = new Set<SessionId>();
  readonly #signInsAt = new Map<SessionId, number>();
  readonly #cutoffs = new Map<string, number>();
  readonly #limits = new Map<string, number>();

  /** @param startedAt when the request of the sign-in began, by `performance.now()`. */
  signedIn(id: SessionId, startedAt: number): void {
    this.#signInsAt.set(id, startedAt);
  }

  /** The end of these was acknowledged. */
  ended(...ids: readonly SessionId[]): void {
    for (const id of ids) this.#ended.add(id);
  }

  /** A sign-out everywhere was acknowledged. @param startedAt when it began: earlier sign-ins are void. */
  endedEverywhere(userId: string, startedAt: number): void {
    this.#cutoffs.set(userId, Math.max(startedAt, this.#cutoffs.get(userId) ?? 0));
  }

  /** How many sessions a user may have. */
  limit(userId: string, sessions: number): void {
    this.#limits.set(userId, sessions);
  }

  /** What is wrong, given all sessions that are alive. */
  faultsOf(live: readonly LiveSession[]): string[] {
    const perUser = new Map<string, number>();
    for (const { userId } of live) {
      if (userId !== undefined) perUser.set(userId, (perUser.get(userId) ?? 0) + 1);
    }
    const tooMany = [...perUser].filter(
      ([user, count]) => count > (this.#limits.get(user) ?? count),
    );
    return [
      ...live
        .filter((session) => this.#isRevoked(session))
        .map(({ id }) => `session ${id} is alive although it was revoked`),
      ...tooMany.map(([user, count]) => `${user} has ${count} sessions, more than allowed`),
    ];
  }

  #isRevoked({ id, userId }: LiveSession): boolean {
    if (this.#ended.has(id)) return true;
    const cutoff = userId === undefined ? undefined : this.#cutoffs.get(userId);
    const signInAt = this.#signInsAt.get(id);
    return cutoff !== undefined && signInAt !== undefined && signInAt <= cutoff;
  }
}
