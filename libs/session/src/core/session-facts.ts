import { expiryOf, type GoneReason, type SessionRecord } from './record.js';
import type { Gone, SessionContext } from './session-context.js';
import { type Moments, SessionIdentity } from './session-identity.js';
import type { SessionId } from './token.js';

/** What is known of a session without its fields. */
export class SessionFacts {
  // Private to the language and not only to the compiler: what prints or copies a session must not find settings or the request.
  readonly #record: SessionRecord | undefined;
  readonly #context: SessionContext;
  readonly #gone: Gone | undefined;
  readonly #identity: SessionIdentity;
  #keptAt: number | undefined;

  /** @internal */
  constructor(record: SessionRecord | undefined, context: SessionContext, gone?: Gone) {
    this.#record = record;
    this.#context = context;
    this.#gone = gone;
    this.#identity = new SessionIdentity(record, context, gone?.behind);
  }

  /** @internal */
  protected get record(): SessionRecord | undefined {
    return this.#record;
  }

  /** @internal */
  protected get context(): SessionContext {
    return this.#context;
  }

  /** @internal */
  protected get identity(): SessionIdentity {
    return this.#identity;
  }

  /** @internal */
  protected get gone(): Gone | undefined {
    return this.#gone;
  }

  /** The public name: safe to show and to log. `undefined` for a stranger who has written nothing. */
  get id(): SessionId | undefined {
    return this.#identity.id;
  }

  /** Whom it is signed in for; `undefined` for a guest. */
  get userId(): string | undefined {
    return this.#identity.userId;
  }

  /** The same question as whether there is a `userId`. */
  get isSignedIn(): boolean {
    return this.userId !== undefined;
  }

  /** Why the session that the visitor's token named is not there, if it ended a short while ago. */
  get goneReason(): GoneReason | undefined {
    return this.#gone?.reason;
  }

  /** Whether Redis holds nothing of it yet. */
  get isNew(): boolean {
    return this.#record === undefined;
  }

  /** The last request before this one, exact to `touchIntervalSeconds`. */
  get lastSeenAt(): Date | undefined {
    return this.#record && new Date(this.#record.lastSeenAt);
  }

  /** By the clock of Redis; `undefined` while the session is new and nobody has signed in. */
  get createdAt(): Date | undefined {
    const { createdAt } = this.#moments ?? {};
    return createdAt === undefined ? undefined : new Date(createdAt);
  }

  /** When the user last proved who they are; `undefined` for a guest. */
  get authenticatedAt(): Date | undefined {
    const { authenticatedAt } = this.#moments ?? {};
    return authenticatedAt === undefined ? undefined : new Date(authenticatedAt);
  }

  /**
   * When it ends if no further request comes, with what this request has done: after {@link signIn} the new end. By the clock of
   * Redis as well as it is known here. `undefined` while the session is new and nobody has signed in, and after {@link destroy}.
   */
  get expiresAt(): Date | undefined {
    const moments = this.#moments;
    return moments && new Date(expiryOf(moments, this.context.touchIntervalMs));
  }

  /**
   * This request has started the idle timeout anew.
   *
   * @internal
   */
  noteKept(at: number): void {
    this.#keptAt = at;
  }

  /**
   * Whether Redis did not answer, in a route that is `@SessionOptional()`: this is a stranger's session then, whoever
   * the visitor is, and nothing can be saved in it.
   */
  get isUnavailable(): boolean {
    return this.#context.isUnavailable ?? false;
  }

  get #moments(): Moments | undefined {
    return this.#identity.moments(this.#keptAt);
  }
}
