import { Logger } from '@nestjs/common';
import { adoptSession, type Adopted } from '../core/adopt-session.js';
import type { Session } from '../core/session.js';
import type { SessionContext } from '../core/session-context.js';
import type { SessionRepository } from '../core/session-repository.js';
import type { SessionToken } from '../core/token.js';
import { isUserId, MAX_USER_ID_LENGTH } from '../core/user-id.js';
import type { SessionSettings } from '../session.settings.js';
import type { FormerSession, SessionSource, SourceRequest } from '../session-source.js';
import { type Carrier, clearOther, tokenHeaders } from './token-carrier.js';

/**
 * How long an old cookie still leads to the session that began with it: for requests that were under way, and for one
 * whose answer was lost. Shorter than it is remembered that a session was renewed or has ended.
 */
const GRACE_SECONDS = 30;
const SHOWN_NAMES = 5;

/** What one request does with a session that something else has kept for its visitor. */
export class Adoption {
  static readonly #logger = new Logger('Session');
  #begun: Adopted | undefined;
  #adopted: Adopted | undefined;
  #graceSeconds: number | undefined;
  #isOver = false;

  constructor(
    private readonly request: SourceRequest,
    private readonly source: SessionSource,
    private readonly repository: SessionRepository,
    private readonly settings: SessionSettings,
  ) {}

  /**
   * The session begins before anybody sees it, so that no guard lets a user pass who was signed out everywhere.
   *
   * @param open opens a session of ours.
   * @returns `undefined` when the visitor has no session there, or none that goes over.
   */
  async begin(
    context: SessionContext,
    open: (token: SessionToken) => Promise<Session | undefined>,
  ): Promise<Session | undefined> {
    const { request, source, repository, settings } = this;
    const former = await source.find(request);
    if (!former || !this.#hasUserId(former)) return undefined;
    const adopted = await adoptSession(former, repository, context, settings.longestLifeMs);
    if (!adopted) return undefined;
    const session = await open(adopted.token);
    const isAlive = session?.isNew === false;
    if (isAlive) this.#begun = adopted;
    this.#graceSeconds = isAlive ? GRACE_SECONDS : 0;
    this.#warnOf(adopted);
    return session;
  }

  /** Whether the old session still is to be ended. */
  get isUnderWay(): boolean {
    return this.#graceSeconds !== undefined;
  }

  /** Ends the old session, when the new token is about to leave. Until then each request with the old cookie comes to the new session. */
  async finish(): Promise<void> {
    await this.source.end(this.request, this.#graceSeconds!);
    this.#graceSeconds = undefined;
    this.#adopted = this.#begun;
    this.#isOver = true;
  }

  /** The visitor signs out, there as well as here. */
  async end(): Promise<void> {
    if (await this.source.end(this.request, 0)) this.#isOver = true;
  }

  /** One old session without a usable user id would otherwise be an error at each request of its visitor. */
  #hasUserId({ userId }: FormerSession): boolean {
    if (userId === undefined || isUserId(userId)) return true;
    Adoption.#logger.error(
      `A session from before was not adopted: its user id is no text of 1 to ${MAX_USER_ID_LENGTH} characters. Its visitor is anonymous until they sign in. Let userId of the source return String(user.id), or undefined for a guest.`,
    );
    return false;
  }

  #warnOf({ refused }: Adopted): void {
    if (refused.length === 0) return;
    const names = refused.slice(0, SHOWN_NAMES).map((name) => JSON.stringify(name.slice(0, 64)));
    Adoption.#logger.warn(
      `A session from before was adopted without ${refused.length} of its fields, which cannot be stored here as they are: ${names.join(', ')}. Say what is to be kept of old sessions in the source (fields).`,
    );
  }

  /**
   * What the response is to say.
   *
   * @param carriers what takes a token to the visitor.
   * @param hasToken whether the response hands out a token anyway, or takes it back.
   */
  headers(carriers: readonly Carrier[], hasToken: boolean): [name: string, value: string][] {
    const { settings, source } = this;
    const cleared = this.#isOver ? clearOther(source.cookie, settings) : [];
    const adopted = hasToken ? undefined : this.#adopted;
    if (!adopted) return cleared;
    const { token, lifetime } = adopted;
    // The old one first, for clients that know cookies by their names alone.
    return [
      ...cleared,
      ...tokenHeaders(token, lifetime.absoluteSeconds, carriers, settings.cookie),
    ];
  }
}
