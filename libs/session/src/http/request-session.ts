import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionContext, Logger } from '@nestjs/common';
import type { SessionOutcome } from '../core/outcome.js';
import type { Session } from '../core/session.js';
import type { SessionRepository } from '../core/session-repository.js';
import { SessionError } from '../session.errors.js';
import type { SessionSettings } from '../session.settings.js';
import { Adoption } from './adoption.js';
import { PROTOCOL } from './copies.js';
import { ExchangeSession } from './exchange-session.js';
import { isPlainHttp } from './plain-http.js';
import { routeOf } from './route-of.js';
import type { LongRequest } from './long-requests.js';
import { SessionFinder } from './session-finder.js';
import type { Carrier } from './token-carrier.js';

/**
 * Where a request keeps its session, whichever copy of this package has put it there. Not in a WeakMap: an entry for each request keeps the garbage collector busy.
 */
const SESSION = Symbol.for('nestjs-redis-session:request');

type RequestWithSession = IncomingMessage & { [SESSION]?: RequestSession };

/** The session of one request. */
export class RequestSession extends ExchangeSession implements LongRequest {
  /** What copies of this package compare before they use each other's. */
  readonly protocol: number = PROTOCOL;
  static readonly #logger = new Logger('Session');
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #isSaved = false;
  #outcome: SessionOutcome | Promise<SessionOutcome> | undefined;

  private constructor(
    request: IncomingMessage,
    response: ServerResponse,
    repository: SessionRepository,
    settings: SessionSettings,
  ) {
    const { adoptFrom } = settings;
    const adoption = adoptFrom && new Adoption(request, adoptFrom, repository, settings);
    super(new SessionFinder(request, repository, settings, adoption), repository, adoption);
    this.#request = request;
    this.#response = response;
  }

  get request(): IncomingMessage {
    return this.#request;
  }

  /** The session of a request that takes long, whether or not anything has asked for it. 2 commands. */
  keepAlive(): Promise<boolean> {
    return this.finder.keepAlive();
  }

  /** Where an error that a handler meets leaves its headers. */
  get response(): ServerResponse {
    return this.#response;
  }

  /** Gives a request its session. Costs nothing until it is asked for. */
  static attach(
    request: IncomingMessage,
    response: ServerResponse,
    repository: SessionRepository,
    settings: SessionSettings,
  ): RequestSession {
    const session = new RequestSession(request, response, repository, settings);
    (request as RequestWithSession)[SESSION] = session;
    return session;
  }

  /** @throws {SessionError} `SESSION_STATE` where the middleware did not run. */
  static of(request: IncomingMessage): RequestSession {
    const session = (request as RequestWithSession)[SESSION];
    if (session?.protocol === PROTOCOL) return session;
    if (session) {
      throw new SessionError(
        'SESSION_STATE',
        'The session on this request is of another copy of nestjs-redis-session than the decorator or guard that asked for it, and their versions do not fit. Install one version: "npm ls nestjs-redis-session" or "pnpm why nestjs-redis-session" shows which packages bring one.',
      );
    }
    throw new SessionError(
      'SESSION_STATE',
      'There is no session on this request, because the middleware of SessionModule did not run for it. Import SessionModule.forRoot() in your root module, before modules whose middleware needs a session, and do not exclude this route.',
    );
  }

  /** Names the route, for messages to developers. */
  get route(): string {
    return routeOf(this.#request, this.finder.context);
  }

  /** What takes a new token to the visitor. */
  get carriers(): readonly Carrier[] {
    return this.finder.carriers;
  }

  get isPlainHttp(): boolean {
    return isPlainHttp(this.#request, this.finder.context);
  }

  /** @param context of a guard, parameter or handler that wants the session. */
  askedIn(context: ExecutionContext): void {
    this.finder.context ??= context;
  }

  override load(only?: ReadonlySet<string>): Promise<Session> {
    if (!this.wasAsked) this.response.once('finish', () => this.#reportIfUnsaved());
    return super.load(only);
  }

  /** Once, however often it is called. */
  override save(): SessionOutcome | Promise<SessionOutcome> {
    this.#isSaved = true;
    return (this.#outcome ??= super.save());
  }

  /** What sends a response past the gate, by Node's own methods, sends it without what belongs to the session. */
  #reportIfUnsaved(): void {
    if (this.#isSaved || !this.#mayBeChanged()) return;
    RequestSession.#logger.error(
      `The response to ${this.route} was sent past the gate, so the session was changed and neither saved nor its cookie set. Something calls methods of ServerResponse.prototype, or others that it kept from before the middleware of SessionModule ran, instead of those of the response.`,
    );
  }

  /** A session that cannot be looked through holds what cannot be stored, so it was changed. Nothing would catch an error here. */
  #mayBeChanged(): boolean {
    try {
      return this.isChanged();
    } catch {
      return true;
    }
  }

  /**
   * For a request whose answer does not reach the browser: its session is read and kept alive, and its token stays as it is. A
   * new one would be lost on the way. It does not matter whether something has asked for the session before.
   */
  keepToken(): this {
    this.finder.keepToken();
    return this;
  }
}
