import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { SessionService, type SessionOptions } from 'nestjs-redis-session';
import type { SessionOutcome } from '../../libs/session/src/core/outcome.js';
import type { SessionRecord } from '../../libs/session/src/core/record.js';
import { saveSession } from '../../libs/session/src/core/save-session.js';
import { Session } from '../../libs/session/src/core/session.js';
import { RequestSession } from '../../libs/session/src/http/request-session.js';
import { SessionMiddleware } from '../../libs/session/src/http/session.middleware.js';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import type { RedisConnection } from '../../libs/session/src/redis/redis-connection.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import type { CookieJar } from './browser-cookies.js';

/**
 * One instance of an application with nothing around the library but Redis: no Nest, no network. What a browser gets
 * is decided by the same code, and a request costs so little that a race can be run thousands of times.
 */
export class Instance {
  private constructor(
    private readonly connection: RedisConnection,
    private readonly middleware: SessionMiddleware,
    readonly repository: RedisSessionRepository,
    readonly service: SessionService,
    private readonly settings: SessionSettings,
  ) {}

  static async open(options: SessionOptions): Promise<Instance> {
    const settings = new SessionSettings(options);
    const connection = await openConnection(settings);
    const repository = new RedisSessionRepository(connection, settings);
    const middleware = new SessionMiddleware(repository, settings);
    const service = new SessionService(repository, settings);
    return new Instance(connection, middleware, repository, service, settings);
  }

  /** A browser sends a request, with the cookies that it has now. */
  receive(browser: CookieJar): Exchange {
    return new Exchange(browser, this.middleware);
  }

  /** A session in a request that has read this record before, however long ago; a new visitor has none. */
  sessionOf(record?: SessionRecord, startedAt = performance.now()): Session {
    const device = { address: '10.0.0.1', agent: undefined };
    return new Session(record, { ...this.settings, device, startedAt });
  }

  save(session: Session, decided?: SessionOutcome): Promise<SessionOutcome> {
    return saveSession(this.repository, session, decided);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** A request that was received, and its answer. Between the two it is as slow as the test wants. */
export class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(
    private readonly browser: CookieJar,
    middleware: SessionMiddleware,
  ) {
    const socket = new PassThrough() as unknown as Socket;
    this.#request = new IncomingMessage(socket);
    this.#request.headers = browser.cookies.size > 0 ? { cookie: browser.header } : {};
    this.#response = new ServerResponse(this.#request);
    this.#response.assignSocket(socket);
    middleware.use(this.#request, this.#response, () => undefined);
  }

  /** What `@Session()` does for a handler. */
  session(): Promise<Session> {
    return RequestSession.of(this.#request).load();
  }

  /** The handler is done: the session is saved, and the browser gets the answer. */
  async answer(): Promise<Response> {
    const finished = once(this.#response, 'finish');
    this.#response.end();
    await finished;
    const cookies = [this.#response.getHeader('set-cookie') ?? []].flat() as string[];
    const response = new Response(null, {
      status: this.#response.statusCode,
      headers: cookies.map((cookie) => ['set-cookie', cookie]),
    });
    this.browser.keep(response);
    return response;
  }
}
