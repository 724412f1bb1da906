import type {
  NumericSessionField,
  SessionData,
  SessionField,
  StorableData,
} from '../session-data.js';
import { SessionError } from '../session.errors.js';
import { assertCallOptions, type OptionNames } from '../settings/known-options.js';
import { assertDurability, type DurableOptions } from './durability.js';
import type { Field } from './field.js';
import { INSPECT, type Inspect } from '../inspect.js';
import { mergeGuest } from './merge-guest.js';
import type { SessionOutcome } from './outcome.js';
import type { SessionRecord } from './record.js';
import type { Gone, SessionContext, SignInOptions } from './session-context.js';
import { SessionFacts } from './session-facts.js';
import { SessionFields } from './session-fields.js';
import type { SessionId } from './token.js';
import { assertUserId } from './user-id.js';

const SIGN_IN = {
  remember: 'boolean',
  data: 'value',
  durable: 'value',
} satisfies OptionNames<SignInOptions>;
const DESTROY = { durable: 'value' } satisfies OptionNames<DurableOptions>;

/** What logs show of a session. */
export interface PrintedSession {
  /** The public id; `undefined` while there is no session in Redis. */
  readonly id: string | undefined;
  /** Whom it is signed in for; `undefined` for a guest. */
  readonly userId: string | undefined;
  /** The names of the fields that hold something. */
  readonly fields: readonly string[];
}

/**
 * One visitor's session during one request. Everything here is synchronous and happens in memory; before the
 * first byte of the response leaves, the session decides once what is to be written ({@link SessionOutcome}).
 *
 * A stranger has one too: reading it finds nothing, and only writing to it creates a session in Redis.
 */
export class Session extends SessionFacts {
  readonly #loose = new Set<string>();
  #fields: SessionFields;
  #inherited: ReadonlyMap<string, string> = new Map();
  #isSealed = false;

  /** @internal */
  constructor(record: SessionRecord | undefined, context: SessionContext, gone?: Gone) {
    super(record, context, gone);
    this.#fields = new SessionFields(context, this.#loose, record?.fields);
  }

  /**
   * What logs, and responses that return the session itself, show of it: its public id, whose it is, and the names of its fields.
   * Never a value or a token.
   */
  toJSON(): PrintedSession {
    return { id: this.id, userId: this.userId, fields: this.fieldNames() };
  }

  /**
   * The same, for `console.log()`.
   *
   * @internal
   */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return `Session ${inspect(this.toJSON(), options)}`;
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

  /** Whether the field holds something; `null` is something. */
  has(field: SessionField): boolean {
    return this.#fields.at(field).exists;
  }

  /**
   * Writes a field; a stranger gets a session by it.
   *
   * @throws {SessionError} `SESSION_FORMAT` when JSON would not give the same value back, or when its text is longer than
   *   `maxFieldBytes`; `SESSION_STATE` when the response has begun, or after {@link destroy}. So do all that write.
   */
  set<K extends SessionField>(field: K, value: StorableData[K]): void {
    this.#changing(field).set(value);
  }

  /**
   * Writes several fields, all or none; those that are not named stay as they are.
   *
   * @throws {SessionError} as {@link set}, and `SESSION_STATE` for what is no object, such as a `Map` or a promise.
   */
  setAll(values: Partial<StorableData>): void {
    this.#assertOpen();
    this.#fields.assertStorable(values);
    this.#fields.putAll(values);
  }

  /** Removes the field from the session; nothing happens where it is not there. */
  delete(field: SessionField): void {
    this.#changing(field).remove();
  }

  /** Reads a field and deletes it: for what is to be seen once. */
  pull<K extends SessionField>(field: K): SessionData[K] | undefined {
    const value = this.get(field);
    if (value !== undefined) this.delete(field);
    return value;
  }

  /**
   * Adds to a number. Redis does the addition, so a hundred requests at once count to a hundred. A field that is not there
   * counts as 0.
   *
   * @param field one that holds a number, or is not there.
   * @param by any finite number. Default `1`.
   * @returns the sum as far as this request knows.
   * @throws {SessionError} `SESSION_FORMAT` when the field holds something else than a number, or the sum is beyond 2^53.
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
    change: (current: SessionData[K] | undefined) => StorableData[K],
  ): StorableData[K] {
    return this.#changing(field).update(change as (current: unknown) => unknown) as StorableData[K];
  }

  /**
   * Makes this the session of a user who has just proved who they are. It always gets a new token, and the old one
   * is dead before the response leaves. What the session holds goes along; if another user was signed in, nothing
   * does.
   *
   * @param userId a text of 1 to 512 characters.
   * @param options `remember`, `data` and `durable`. Default: none of them.
   * @throws {SessionError} `SESSION_STATE` when the user id is not a text of 1 to 512 characters, and for an unknown option;
   *   `SESSION_FORMAT` or `SESSION_TOO_LARGE` for `data` that cannot be stored. Then the visitor is not signed in.
   */
  signIn(userId: string, options: SignInOptions = {}): void {
    assertCallOptions(options, SIGN_IN, 'signIn()');
    const { remember = false, data = {}, durable } = options;
    assertDurability(durable);
    assertUserId(userId);
    this.#assertOpen();
    this.#fields.assertStorable(data);
    if (this.#mayInherit(userId)) this.#inherit();
    else if (this.userId === undefined) this.#merge(userId);
    else if (this.userId !== userId) this.#forget(userId);
    this.identity.signIn(userId, remember, durable);
    this.#fields.putAll(data);
  }

  /**
   * The user has proved again who they are: a new token, and the absolute lifetime starts anew, remembered or not.
   *
   * @throws {SessionError} `SESSION_STATE` when nobody is signed in.
   */
  reauthenticated(): void {
    const userId = this.userId;
    if (userId === undefined) {
      throw new SessionError(
        'SESSION_STATE',
        'reauthenticated() was called on a session that nobody is signed in to. Call signIn(userId).',
      );
    }
    this.signIn(userId, { remember: this.identity.isRemembered });
  }

  /**
   * A user was signed out everywhere else, by this request: what proves who they are still counts here.
   * `SessionService.revokeAllOfUser(userId, { except: session })` calls it.
   *
   * @internal
   */
  spare(epoch: string): void {
    this.identity.provenAt = performance.now();
    this.identity.afterEpoch = epoch;
  }

  /**
   * From here on a field takes what JSON makes of its value, and refuses only what JSON refuses.
   *
   * @internal
   */
  loosen(field: string): void {
    this.#loose.add(field);
  }

  /** Gives the session a new token, for instance when the user's rights change. No-op for a new session. */
  renew(): void {
    this.#assertOpen();
    this.identity.renew();
  }

  /**
   * Gives it a new token because the old one has aged. Called before a handler sees the session.
   *
   * @param alias the id whose token the visitor has.
   * @internal
   */
  rotate(alias: SessionId): void {
    this.identity.rotate(alias);
  }

  /**
   * Its token stays after all, because a new one would not reach the visitor.
   *
   * @internal
   */
  unrotate(): void {
    this.identity.unrotate();
  }

  /**
   * Ends the session: the visitor is signed out and everything in it is gone.
   *
   * @param options how safe that must be before the response leaves.
   * @throws {SessionError} `SESSION_STATE` when the response has begun, or when it was ended before.
   */
  destroy(options: DurableOptions = {}): void {
    assertCallOptions(options, DESTROY, 'destroy()');
    assertDurability(options.durable);
    this.#assertOpen();
    this.#fields = new SessionFields(this.context, this.#loose);
    this.identity.destroy(options.durable);
  }

  /**
   * Decides, once: from here on the session cannot be changed.
   *
   * @internal
   */
  seal(): SessionOutcome {
    this.#isSealed = true;
    return this.identity.decide(this.#fields.changes(), this.#inherited);
  }

  /**
   * Runs the updates again over what others wrote meanwhile, and decides anew.
   *
   * @internal
   */
  rebase(current: ReadonlyMap<string, string | undefined>): SessionOutcome {
    this.#fields.rebase(current);
    return this.seal();
  }

  /** Whether the visitor has clicked twice, and the other request was quicker. */
  #mayInherit(userId: string): boolean {
    return this.isNew && this.userId === undefined && this.gone?.signedInAs?.userId === userId;
  }

  /** What the guest had is with the user now. */
  #inherit(): void {
    this.#inherited = this.gone!.signedInAs!.fields;
    this.#fields = new SessionFields(this.context, this.#loose, this.#inherited);
  }

  /** What the guest had becomes the user's, or what the application makes of it. */
  #merge(userId: string): void {
    const { mergeGuest: merge } = this.context;
    if (merge) mergeGuest(this.#fields, merge, userId);
  }

  /** Another user signs in: only what was theirs before goes along. */
  #forget(userId: string): void {
    const isTheirs = this.record?.userId === userId;
    const stored = isTheirs ? this.record?.fields : undefined;
    this.#fields = new SessionFields(this.context, this.#loose, stored);
  }

  #changing(name: string): Field {
    this.#assertOpen();
    return this.#fields.at(name);
  }

  #assertOpen(): void {
    if (this.#isSealed) {
      throw new SessionError(
        'SESSION_STATE',
        `The session was changed after the response${of(this.context.route)} had begun, when it was already saved. Change it earlier and await what changes it, or use SessionService.update(id, changes).`,
      );
    }
    if (this.identity.isDestroyed) {
      throw new SessionError(
        'SESSION_STATE',
        'The session was changed after destroy(). Do what needs the session first.',
      );
    }
  }
}

const of = (route: string | undefined) => (route === undefined ? '' : ` to ${route}`);
