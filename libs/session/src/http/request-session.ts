import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionRepository } from '../core/session-repository.js';
import { SessionError } from '../session.errors.js';
import type { SessionSettings } from '../session.settings.js';
import { Adoption } from './adoption.js';
import { ExchangeSession } from './exchange-session.js';
import { SessionFinder } from './session-finder.js';

/** Where a request keeps its session. Not in a WeakMap: an entry for each request keeps the garbage collector busy. */
const SESSION = Symbol('nestjs-redis-session');

type RequestWithSession = IncomingMessage & { [SESSION]?: RequestSession };

/** The session of one request. */
export class RequestSession extends ExchangeSession {
  readonly #response: ServerResponse;

  private constructor(
    request: IncomingMessage,
    response: ServerResponse,
    repository: SessionRepository,
    settings: SessionSettings,
  ) {
    const { adoptFrom } = settings;
    const adoption = adoptFrom && new Adoption(request, adoptFrom, repository, settings);
    super(new SessionFinder(request, repository, settings, adoption), repository, adoption);
    this.#response = response;
  }

  /** Where an error that a handler meets leaves its headers. */
  get response(): ServerResponse {
    return this.#response;
  }

  /** Gives a request its session. Costs nothing until somebody asks for it. */
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
    if (session) return session;
    throw new SessionError(
      'SESSION_STATE',
      'There is no session on this request, because the middleware of SessionModule did not run for it. Import SessionModule.forRoot() in your root module, before modules whose middleware needs a session, and do not exclude this route.',
    );
  }

  /**
   * For a request whose answer does not reach the browser, before anybody asks for its session: it is read and kept alive,
   * and its token stays as it is. A new one would be lost on the way, and the session with it.
   */
  keepToken(): this {
    this.finder.handsOutTokens = false;
    return this;
  }
}
