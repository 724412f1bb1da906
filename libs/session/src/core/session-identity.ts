import { applyChanges, type SessionChanges } from './changes.js';
import type { Durability } from './durability.js';
import type { NewSession, SessionOutcome } from './outcome.js';
import { type SessionName, type SessionRecord, type Term, termOf } from './record.js';
import type { SessionContext } from './session-context.js';
import { createToken, idOfToken, shardOfId, shardOfUser, type SessionId } from './token.js';

/** When a session began, and until when it lives. */
export interface Moments extends Term {
  readonly createdAt: number;
  readonly authenticatedAt: number | undefined;
}

/**
 * Whose session it is and which token it has, during one request. Whatever happens to these happens in memory; the
 * end of it is one {@link SessionOutcome}.
 */
export class SessionIdentity {
  #turn: 'kept' | 'rotated' | 'renewed' | 'signed-in' | 'destroyed' = 'kept';
  #next: NewSession | undefined;
  #alias: SessionId | undefined;

  /** When the user proved who they are, by `performance.now()`. */
  provenAt: number;
  afterEpoch: string | undefined;
  /** What was asked for when the user signed in, or out. */
  #durability: Durability | undefined;

  constructor(
    private readonly record: SessionRecord | undefined,
    private readonly context: SessionContext,
    /** What the visitor's token names, where it cannot be read. */
    private readonly behind?: SessionName,
  ) {
    this.provenAt = context.startedAt;
  }

  get id(): SessionId | undefined {
    return this.isDestroyed ? undefined : (this.#next ?? this.record)?.id;
  }

  get userId(): string | undefined {
    return this.isDestroyed ? undefined : (this.#next ?? this.record)?.userId;
  }

  get isDestroyed(): boolean {
    return this.#turn === 'destroyed';
  }

  /** Whether the user asked to be remembered when they signed in. */
  get isRemembered(): boolean {
    return (this.#next ?? this.record)?.isRemembered ?? false;
  }

  /**
   * The moments of the session as this request leaves it, as far as they are known before it is saved.
   *
   * @param keptAt when this request started the idle timeout anew, if it did.
   * @returns `undefined` for a stranger, and once it has ended.
   */
  moments(keptAt: number | undefined): Moments | undefined {
    const { record, context } = this;
    const now = context.now?.() ?? Date.now();
    if (this.#turn === 'signed-in') {
      const { lifetime, userId } = this.#next!;
      return {
        createdAt: record?.userId === userId && record ? record.createdAt : now,
        authenticatedAt: Math.floor(now - (performance.now() - this.provenAt)),
        lastSeenAt: now,
        idleSeconds: lifetime.idleSeconds,
        deadlineAt: now + lifetime.absoluteSeconds * 1000,
      };
    }
    if (!record || this.isDestroyed) return undefined;
    const { createdAt, authenticatedAt, lastSeenAt } = record;
    const seenAt = this.#turn === 'kept' ? (keptAt ?? lastSeenAt) : now;
    return { ...termOf(record, context), createdAt, authenticatedAt, lastSeenAt: seenAt };
  }

  signIn(userId: string, isRemembered: boolean, durability: Durability | undefined): void {
    this.#next = this.#begin(userId, isRemembered);
    this.#turn = 'signed-in';
    this.#durability = durability;
  }

  /** A new token because the program asks for one. */
  renew(): void {
    if (this.record && (this.#turn === 'kept' || this.#turn === 'rotated')) this.#move('renewed');
  }

  /** A new token because the old one has aged; the old one leads here until the new one was seen. */
  rotate(alias: SessionId): void {
    if (!this.record || this.#turn !== 'kept') return;
    this.#alias = alias;
    this.#move('rotated');
  }

  /** The token that has aged stays after all. */
  unrotate(): void {
    if (this.#turn !== 'rotated') return;
    this.#turn = 'kept';
    this.#next = undefined;
  }

  destroy(durability: Durability | undefined): void {
    this.#next = undefined;
    this.#turn = 'destroyed';
    this.#durability = durability;
  }

  /** @param inherited what a session that is created begins with, before the changes. */
  decide(changes: SessionChanges, inherited: ReadonlyMap<string, string>): SessionOutcome {
    const { record } = this;
    const durability = this.#durability;
    if (!record) return this.#decideOfStranger(changes, inherited);
    switch (this.#turn) {
      case 'kept':
        if (changes.size === 0) return { kind: 'unchanged' };
        return { kind: 'changed', id: record.id, changes };
      case 'destroyed':
        return { kind: 'destroyed', from: record, durability };
      default:
        return {
          kind: 'renewed',
          from: record,
          next: this.#next!,
          isAuthenticated: this.#turn === 'signed-in',
          alias: this.#turn === 'rotated' ? this.#alias : undefined,
          keepsData: record.userId === undefined || record.userId === this.userId,
          changes,
          durability,
        };
    }
  }

  #decideOfStranger(
    changes: SessionChanges,
    inherited: ReadonlyMap<string, string>,
  ): SessionOutcome {
    const { behind } = this;
    const durability = this.#durability;
    if (this.isDestroyed) {
      return behind ? { kind: 'destroyed', from: behind, durability } : { kind: 'unchanged' };
    }
    if (changes.size === 0 && this.#turn !== 'signed-in') return { kind: 'unchanged' };
    const next = (this.#next ??= this.#begin(undefined));
    return { kind: 'created', next, fields: applyChanges(inherited, changes), durability };
  }

  #move(turn: 'renewed' | 'rotated'): void {
    this.#next = this.#begin(this.record!.userId, this.isRemembered);
    this.#turn = turn;
  }

  #begin(userId: string | undefined, isRemembered = false): NewSession {
    // A user's sessions live together; a guest's stays where it is, so that renewing it is one step.
    const shard =
      userId === undefined ? this.record && shardOfId(this.record.id) : shardOfUser(userId);
    const token = createToken(shard);
    const { provenAt, afterEpoch } = this;
    const { device } = this.context;
    const lifetime = isRemembered ? this.context.rememberedLifetime : this.context.lifetime;
    const id = idOfToken(token);
    return { id, token, userId, isRemembered, lifetime, device, provenAt, afterEpoch };
  }
}
