import type { SessionOutcome } from '../core/outcome.js';
import type { SessionRecord } from '../core/record.js';
import { saveSession, sessionGone } from '../core/save-session.js';
import type { Session } from '../core/session.js';
import type { SessionRepository } from '../core/session-repository.js';
import { SessionError } from '../session.errors.js';
import type { Adoption } from './adoption.js';
import type { AskedSession } from './asked-session.js';
import { assertNeedsNoToken } from './needs-no-token.js';
import type { SessionFinder } from './session-finder.js';

/** The session of one request, or of whatever else is answered: loaded when it is first asked for, once, and saved before the answer. */
export class ExchangeSession implements AskedSession {
  #whole: Promise<Session> | undefined;
  #some: Promise<Session> | undefined;
  /** The fields that were fetched, and what they are a part of, while it is not the whole. */
  #known: ReadonlySet<string> | undefined;
  #part: SessionRecord | undefined;
  #session: Session | undefined;
  #others: readonly SessionRecord[] = [];
  #stranger: Session | undefined;
  #outage: SessionError | undefined;

  // Requests are printed, so nothing of this is a property that could be found there.
  readonly #finder: SessionFinder;
  readonly #repository: SessionRepository;
  readonly #adoption: Adoption | undefined;

  constructor(finder: SessionFinder, repository: SessionRepository, adoption?: Adoption) {
    this.#finder = finder;
    this.#repository = repository;
    this.#adoption = adoption;
  }

  protected get finder(): SessionFinder {
    return this.#finder;
  }

  /** Where visitors may have a session from before this library was used. */
  get adoption(): Adoption | undefined {
    return this.#adoption;
  }

  /** Whether anything asked for the session; if not, the response does not depend on it. */
  get wasAsked(): boolean {
    return (this.#whole ?? this.#some) !== undefined;
  }

  /** Whether it is a signed-in user's, as far as it was loaded. */
  get isOfUser(): boolean {
    return this.#session?.isSignedIn ?? false;
  }

  /** How long ago the user proved who they are, by the clock of Redis; `undefined` for a guest. One command. */
  async secondsSinceProof(only?: ReadonlySet<string>): Promise<number | undefined> {
    const { authenticatedAt } = await this.load(only);
    if (!authenticatedAt) return undefined;
    return ((await this.#repository.time()) - authenticatedAt.getTime()) / 1000;
  }

  /**
   * @param only the fields that are wanted, of a session that nobody has asked for yet.
   * @returns the one session of this exchange; if it was fetched for a few fields, it is completed when more are wanted.
   * @throws {SessionError} `SESSION_STORE` when Redis does not answer; it is asked once in an exchange.
   * @throws {SessionError} `SESSION_GONE` when the session ended before it was complete.
   */
  load(only?: ReadonlySet<string>): Promise<Session> {
    if (this.#whole) return this.#whole;
    if (!only) return (this.#whole = this.#some ? this.#complete(this.#some) : this.#find());
    if (!this.#some) {
      this.#known = only;
      return (this.#some = this.#find(only));
    }
    const isKnown = [...only].every((field) => this.#known!.has(field));
    return isKnown ? this.#some : this.load();
  }

  /** The same, but for a stranger's session while Redis does not answer. */
  async loadOrCarryOn(only?: ReadonlySet<string>): Promise<Session> {
    try {
      return await this.load(only);
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'SESSION_STORE') throw error;
      this.#outage = error;
      return (this.#stranger ??= this.#finder.stranger(true));
    }
  }

  /**
   * Decides what was done, and saves it.
   *
   * @returns the outcome at once when there is nothing to save, so that such a response is not held up.
   * @throws {SessionError} `SESSION_STATE` for what needs a new token, where none is handed out.
   */
  save(): SessionOutcome | Promise<SessionOutcome> {
    // Nothing that was written while Redis did not answer is answered with yes.
    if (this.#stranger && this.#stranger.seal().kind !== 'unchanged') throw this.#outage!;
    // Not loaded yet, or Redis did not answer: then nothing can have been changed.
    if (!this.#session) return { kind: 'unchanged' };
    const outcome = this.#session.seal();
    if (this.#adoption?.isUnderWay && this.#finder.handsOutTokens && outcome.kind !== 'destroyed') {
      return this.#adoption.finish().then(() => this.#save(this.#session!, outcome));
    }
    return this.#save(this.#session, outcome);
  }

  #save(session: Session, outcome: SessionOutcome): SessionOutcome | Promise<SessionOutcome> {
    if (outcome.kind === 'unchanged') return outcome;
    if (!this.#finder.handsOutTokens) assertNeedsNoToken(outcome, session);
    if (outcome.kind === 'destroyed') return this.#signOut(session, outcome);
    // An object of the only field that was fetched was altered: how large the session is now, all of it tells.
    if (this.#part) return this.load().then((whole) => saveSession(this.#repository, whole));
    return saveSession(this.#repository, session, outcome);
  }

  /** Whether there is something to save. Nothing can be changed after it. */
  protected isChanged(): boolean {
    return this.#session !== undefined && this.#session.seal().kind !== 'unchanged';
  }

  /** What the visitor has elsewhere first: if it cannot be ended, nothing is, and they can ask again. */
  async #signOut(session: Session, outcome: SessionOutcome): Promise<SessionOutcome> {
    await this.#adoption?.end();
    // Their cookies would sign the visitor in again.
    for (const { id, userId } of this.#others) {
      await this.#repository.revoke([id], userId, 'signed-out');
    }
    return saveSession(this.#repository, session, outcome);
  }

  async #find(only?: ReadonlySet<string>): Promise<Session> {
    const { session, part, others = [] } = await this.#finder.find(only);
    this.#session = session;
    this.#part = part;
    this.#others = others;
    return session;
  }

  /** Fields that were fetched before stay as they were seen. */
  async #complete(some: Promise<Session>): Promise<Session> {
    const session = await some;
    if (!this.#part) return session;
    const whole = await this.#repository.read(this.#part.id);
    if (!whole) throw sessionGone();
    const fields = this.#part.fields as Map<string, string>;
    for (const [field, text] of whole.fields) if (!this.#known!.has(field)) fields.set(field, text);
    this.#part = undefined;
    return session;
  }
}
