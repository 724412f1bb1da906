import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { asError } from '../core/as-error.js';
import { SessionRepository } from '../core/session-repository.js';
import { bodyOfRefusal } from '../http/http-error.js';
import { logOutage } from '../http/refused-requests.js';
import { SessionFinder } from '../http/session-finder.js';
import { SessionError } from '../session.errors.js';
import { SessionSettings } from '../session.settings.js';
import { isOwnSite } from './is-own-site.js';
import { SessionWatch } from './session-watch.js';
import { SocketConnection } from './socket-connection.js';
import { SocketSettings } from './socket-settings.js';

const NO_FIELD: ReadonlySet<string> = new Set();

/** What a handshake is answered with in place of a socket, in HTTP's terms. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/** Decides who may open a socket, and finds the session of whoever does. */
@Injectable()
export class Handshakes {
  readonly #logger: Logger;
  readonly #accepted = new WeakMap<IncomingMessage, SocketConnection>();
  #hasWarned = false;

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionSettings) private readonly sessions: SessionSettings,
    @Inject(SocketSettings) private readonly settings: SocketSettings,
    @Inject(SessionWatch) private readonly watch: SessionWatch,
  ) {
    this.#logger = new Logger(settings.module.replace(/Module$/, ''));
  }

  /** Costs what a request costs that asks for its session. @returns why it is refused, if it is. */
  async judge(request: IncomingMessage): Promise<Refusal | undefined> {
    if (!isOwnSite(request.headers, this.settings.allowedOrigins)) {
      this.#warnOnce(request);
      return { status: 403, code: 'SESSION_ORIGIN' };
    }
    try {
      return await this.#open(request);
    } catch (thrown) {
      const error = asError(thrown);
      if (error instanceof SessionError) {
        logOutage(error);
        return { status: error.statusCode, code: error.code };
      }
      this.#logger.error(`A handshake failed unexpectedly. ${String(error)}`);
      return { status: 500, code: 'SESSION_STATE' };
    }
  }

  /**
   * Judges, and then answers. What `answer` throws comes from listeners of the application that are told of the new socket, and
   * nothing else would catch it: the connection is closed.
   */
  answer(request: IncomingMessage, answer: (refusal: Refusal | undefined) => void): void {
    this.judge(request)
      .then(answer)
      .catch((error: unknown) => {
        this.#logger.error(`A socket could not be opened. ${String(asError(error))}`);
        request.socket.destroy();
      });
  }

  /** What came of the handshake; `undefined` for one that was never judged. */
  acceptedOf(request: IncomingMessage | undefined): SocketConnection | undefined {
    return request && this.#accepted.get(request);
  }

  async #open(request: IncomingMessage): Promise<Refusal | undefined> {
    const { heard } = this.watch;
    const finder = new SessionFinder(request, this.repository, this.sessions);
    // The answer to a handshake is not ours to put headers into.
    finder.keepToken();
    const { session } = await finder.find(NO_FIELD);
    if (this.settings.signedInOnly && !session.isSignedIn) {
      const { statusCode: status, code } = bodyOfRefusal(session);
      return { status, code };
    }
    const { id, userId, expiresAt } = session;
    const endsAt = expiresAt?.getTime() ?? Infinity;
    const connection = new SocketConnection(request, id, userId, endsAt, heard);
    this.#accepted.set(request, connection);
    return undefined;
  }

  /** Once: whoever likes can cause it as often as they like. */
  #warnOnce({ headers: { origin, host } }: IncomingMessage): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const from = JSON.stringify((origin ?? 'another site').slice(0, 128));
    const to = JSON.stringify((host ?? '').slice(0, 128));
    this.#logger.warn(
      `A socket was refused that a page of ${from} wanted to open, to ${to}: pages of another host may not. If that page is yours, name it in ${this.settings.module}.forRoot({ allowedOrigins: […] }), or let your proxy pass the Host header on. Further ones are not logged.`,
    );
  }
}
