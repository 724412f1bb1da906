import { SessionError } from '../session.errors.js';
import type { SessionOptions } from '../session.options.js';
import type { Lifetime } from '../session.settings.js';
import { applyChanges } from './changes.js';
import type { Field } from './field.js';
import type { NewSession, SessionOutcome } from './outcome.js';
import type { Device, GoneReason, SessionRecord } from './record.js';
import type { NumericSessionField, SessionData, SessionField } from '../session-data.js';
import { SessionFields } from './session-fields.js';
import { createToken, idOfToken, shardOfId, shardOfUser, type SessionId } from './token.js';
import { assertUserId } from './user-id.js';

/** What a session needs to know of its surroundings. */
export interface SessionContext {
  readonly lifetime: Lifetime;
  /** For a user who asked to be remembered on this device. */
  readonly rememberedLifetime: Lifetime;
  readonly mergeGuest: SessionOptions['mergeGuest'];
  readonly touchIntervalMs: number;
  readonly device: Device;
  /** When the request began, by `performance.now()`: a sign-in counts from then. */
  readonly startedAt: number;
}

/** Options of {@link Session.signIn}. */
export interface SignInOptions {
  /**
   * When the password, or whatever proves who the user is, was checked. Default: when the request began, so that a
   * sign-out everywhere since then refuses this sign-in. Pass `new Date()` where this very request has signed the
   * user out everywhere before, and did not spare the session.
   */
  readonly provenAt?: Date;

  /** Whether the session gets the longer lifetimes of the option `remember`. Default `false`. */
  readonly remember?: boolean;
  /** Fields to write in the same step, beside what the session already holds. */
  readonly data?: Partial<SessionData>;
}

/** What is known of a session that the visitor's token named and that is not there. */
export interface Gone {
  readonly reason: GoneReason;
  /** The session that the same visitor's other request signed in to, with what the guest had. */
  readonly signedInAs: SessionRecord | undefined;
}

type Ending =
  | {
      readonly kind: 'renew';
      readonly next: NewSession;
      readonly isAuthenticated: boolean;
      readonly keepsAlias: boolean;
    }
  | { readonly kind: 'destroy' };

/**
 * One visitor's session during one request. Everything here is synchronous and happens in memory; before the
 * first byte of the response leaves, the session decides once what is to be written ({@link SessionOutcome}).
 *
 * A stranger has one too: reading it finds nothing, and only writing to it creates a session in Redis.
 */
export class Session {
  #fields: SessionFields;
  #created: NewSession | undefined;
  #ending: Ending | undefined;
  #isSealed = false;
  #provenAt: number;
  #inherited: ReadonlyMap<string, string> = new Map();

  constructor(
    private readonly record: SessionRecord | undefined,
    private readonly context: SessionContext,
    private readonly gone?: Gone,
  ) {
    this.#fields = new SessionFields(record?.fields);
    this.#provenAt = context.startedAt;
  }

  /** The public name: safe to show and to log. `undefined` for a stranger who has written nothing. */
  get id(): SessionId | undefined {
    return this.#next?.id ?? (this.#isDestroyed ? undefined : this.record?.id);
  }

  /** Why the session that the visitor's token named is not there, if it ended a short while ago. */
  get goneReason(): GoneReason | undefined {
    return this.gone?.reason;
  }

  get userId(): string | undefined {
    if (this.#isDestroyed) return undefined;
    return this.#next ? this.#next.userId : this.record?.userId;
  }

  get isSignedIn(): boolean {
    return this.userId !== undefined;
  }

  /** Whether Redis holds nothing of it yet. */
  get isNew(): boolean {
    return this.record === undefined;
  }

  get createdAt(): Date | undefined {
    return this.record && new Date(this.record.createdAt);
  }

  /** Exact to `touchIntervalSeconds`. */
  get lastSeenAt(): Date | undefined {
    return this.record && new Date(this.record.lastSeenAt);
  }

  /** When it ends if no further request comes. */
  get expiresAt(): Date | undefined {
    return this.record && new Date(expiryOf(this.record, this.context.touchIntervalMs));
  }

  /** When the user last proved who they are. */
  get authenticatedAt(): Date | undefined {
    const at = this.record?.authenticatedAt;
    return at === undefined ? undefined : new Date(at);
  }

  /** The names of the fields that hold something. */
  fieldNames(): SessionField[] {
    return this.#fields.names() as SessionField[];
  }

  /**
   * The value of a field, decoded when it is first asked for. An object is the live one: altering it in place is
   * noticed and saved (the last writer wins; use {@link update} where two requests may write the same field).
   *
   * @throws {SessionError} `SESSION_FORMAT` when the field does not hold JSON.
   */
  get<K extends SessionField>(field: K): SessionData[K] | undefined {
    return this.#fields.at(field).value as SessionData[K] | undefined;
  }

  has(field: SessionField): boolean {
    return this.#fields.at(field).exists;
  }

  /** @throws {SessionError} `SESSION_FORMAT` when JSON would not give the same value back. */
  set<K extends SessionField>(field: K, value: SessionData[K]): void {
    this.#changing(field).set(value);
  }

  delete(field: SessionField): void {
    this.#changing(field).remove();
  }

  /** Reads a field and deletes it. */
  pull<K extends SessionField>(field: K): SessionData[K] | undefined {
    const value = this.get(field);
    if (value !== undefined) this.delete(field);
    return value;
  }

  /**
   * Adds to a number. Redis does the addition, so a hundred requests at once count to a hundred.
   *
   * @returns the sum as far as this request knows.
   * @throws {SessionError} `SESSION_FORMAT` when the field holds something else than a number.
   */
  increment(field: NumericSessionField, by = 1): number {
    return this.#changing(field).add(by);
  }

  /**
   * Computes a field from its current value, atomically: if somebody else wrote the field meanwhile, `change` runs
   * again on what they wrote. So it must be a pure function of its argument, and synchronous.
   *
   * @returns the new value as far as this request knows.
   */
  update<K extends SessionField>(
    field: K,
    change: (current: SessionData[K] | undefined) => SessionData[K],
  ): SessionData[K] {
    const next = this.#changing(field).update(change as (current: unknown) => unknown);
    return next as SessionData[K];
  }

  /**
   * Makes this the session of a user who has just proved who they are. It always gets a new token, and the old one
   * is dead before the response leaves. What the session holds goes along; if another user was signed in, nothing
   * does.
   *
   * @throws {SessionError} `SESSION_STATE` when the user id is not a text of 1 to 512 characters.
   */
  signIn(userId: string, { remember = false, data = {}, provenAt }: SignInOptions = {}): void {
    assertUserId(userId);
    this.#assertOpen();
    if (provenAt) this.#provenAt = performance.now() - (Date.now() - provenAt.getTime());
    this.#inherit(userId);
    if (this.userId === undefined) this.#mergeGuest(userId);
    else if (this.userId !== userId) this.#forget(userId);
    const { lifetime, rememberedLifetime } = this.context;
    const next = this.#begin(userId, remember ? rememberedLifetime : lifetime);
    if (this.record)
      this.#ending = { kind: 'renew', next, isAuthenticated: true, keepsAlias: false };
    else this.#created = next;
    for (const [field, value] of Object.entries(data)) this.#changing(field).set(value);
  }

  /** The user has proved again who they are: a new token, a new absolute lifetime. */
  reauthenticated(options: Pick<SignInOptions, 'provenAt'> = {}): void {
    const userId = this.userId;
    if (userId === undefined) {
      throw new SessionError(
        'SESSION_STATE',
        'reauthenticated() was called on a session that nobody is signed in to. Call signIn(userId).',
      );
    }
    this.signIn(userId, options);
  }

  /**
   * Its user was signed out everywhere else, by this request: a proof given before that still counts here.
   * `SessionService.revokeAllOfUser(userId, { except: session })` calls it.
   */
  spare(): void {
    this.#provenAt = performance.now();
  }

  /** Gives the session a new token, for instance when the user's rights change. No-op for a new session. */
  renew(): void {
    this.#assertOpen();
    this.#rotate(false);
  }

  /** Gives it a new token because the old one has aged. Called before a handler sees the session. */
  rotate(): void {
    this.#rotate(true);
  }

  /** Ends the session: the visitor is signed out and everything in it is gone. */
  destroy(): void {
    this.#assertOpen();
    this.#fields = new SessionFields();
    this.#created = undefined;
    this.#ending = { kind: 'destroy' };
  }

  /** Decides, once: from here on the session cannot be changed. */
  seal(): SessionOutcome {
    this.#isSealed = true;
    return this.#outcome();
  }

  /** Runs the updates again over what others wrote meanwhile, and decides anew. */
  rebase(current: ReadonlyMap<string, string | undefined>): SessionOutcome {
    this.#fields.rebase(current);
    return this.#outcome();
  }

  #outcome(): SessionOutcome {
    const changes = this.#fields.changes();
    if (!this.record) {
      if (this.#isDestroyed || (changes.size === 0 && !this.#created?.userId)) {
        return { kind: 'unchanged' };
      }
      const next = (this.#created ??= this.#begin(undefined));
      return { kind: 'created', next, fields: applyChanges(this.#inherited, changes) };
    }
    if (this.#ending?.kind === 'destroy') return { kind: 'destroyed', from: this.record };
    if (this.#ending) {
      const keepsData = this.#keepsData;
      return { ...this.#ending, kind: 'renewed', from: this.record, keepsData, changes };
    }
    return changes.size === 0
      ? { kind: 'unchanged' }
      : { kind: 'changed', id: this.record.id, changes };
  }

  get #next(): NewSession | undefined {
    return this.#ending?.kind === 'renew' ? this.#ending.next : this.#created;
  }

  get #isDestroyed(): boolean {
    return this.#ending?.kind === 'destroy';
  }

  /** Whether what Redis holds belongs to the session as it is now. */
  get #keepsData(): boolean {
    const before = this.record?.userId;
    return !this.#isDestroyed && (before === undefined || before === this.userId);
  }

  #begin(userId: string | undefined, lifetime = this.context.lifetime): NewSession {
    // A user's sessions live together; a guest's stays where it is, so that renewing it is one step.
    const shard =
      userId === undefined ? this.record && shardOfId(this.record.id) : shardOfUser(userId);
    const token = createToken(shard);
    const { device } = this.context;
    return { id: idOfToken(token), token, userId, lifetime, device, provenAt: this.#provenAt };
  }

  #rotate(keepsAlias: boolean): void {
    // What the program asks for leaves no alias.
    if (!this.record || this.#isDestroyed || (this.#ending && keepsAlias)) return;
    if (this.#ending?.kind === 'renew' && this.#ending.isAuthenticated) return;
    const next = this.#begin(this.record.userId);
    this.#ending = { kind: 'renew', next, isAuthenticated: false, keepsAlias };
  }

  /** The visitor has clicked twice, and the other request was quicker: what the guest had is with the user now. */
  #inherit(userId: string): void {
    const other = this.gone?.signedInAs;
    if (this.record || this.#created || other?.userId !== userId) return;
    this.#inherited = other.fields;
    this.#fields = new SessionFields(other.fields);
  }

  /** A guest signs in: the application may decide what of the guest's goes along. */
  #mergeGuest(userId: string): void {
    const { mergeGuest } = this.context;
    // What was inherited has been through this.
    if (this.#inherited.size > 0) return;
    const names = this.fieldNames();
    if (!mergeGuest || names.length === 0) return;
    const guest = Object.fromEntries(names.map((name) => [name, this.get(name)]));
    const kept = mergeGuest(guest as Partial<SessionData>, userId);
    for (const name of names) if (!Object.hasOwn(kept, name)) this.#changing(name).remove();
    for (const [name, value] of Object.entries(kept)) this.#changing(name).set(value);
  }

  /** Another user signs in: only what was theirs before goes along. */
  #forget(userId: string): void {
    const isTheirs = this.record?.userId === userId;
    this.#fields = new SessionFields(isTheirs ? this.record?.fields : undefined);
  }

  #changing(name: string): Field {
    this.#assertOpen();
    return this.#fields.at(name);
  }

  #assertOpen(): void {
    if (this.#isSealed) {
      throw new SessionError(
        'SESSION_STATE',
        'The session was changed after the response had begun, when it was already saved. Change it earlier, or use SessionService.update(id, changes).',
      );
    }
    if (this.#isDestroyed) {
      throw new SessionError(
        'SESSION_STATE',
        'The session was changed after destroy(). Do what needs the session first.',
      );
    }
  }
}

/** When a session ends if no further request comes. */
export function expiryOf(record: SessionRecord, touchIntervalMs: number): number {
  return Math.min(
    record.lastSeenAt + record.idleSeconds * 1000 + touchIntervalMs,
    record.deadlineAt,
  );
}
