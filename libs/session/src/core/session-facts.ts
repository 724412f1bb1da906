import type { GoneReason, SessionRecord } from './record.js';
import type { Gone, SessionContext } from './session-context.js';

/** What is known of a session without its fields. */
export class SessionFacts {
  // Private to the language and not only to the compiler: what prints or copies a session must not find settings or the request.
  readonly #record: SessionRecord | undefined;
  readonly #context: SessionContext;
  readonly #gone: Gone | undefined;

  /** @internal */
  constructor(record: SessionRecord | undefined, context: SessionContext, gone?: Gone) {
    this.#record = record;
    this.#context = context;
    this.#gone = gone;
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
  protected get gone(): Gone | undefined {
    return this.#gone;
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

  /**
   * Whether Redis did not answer, in a route that is `@SessionOptional()`: this is a stranger's session then, whoever
   * the visitor is, and nothing can be saved in it.
   */
  get isUnavailable(): boolean {
    return this.#context.isUnavailable ?? false;
  }
}
