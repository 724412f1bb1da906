import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger, type NestMiddleware } from '@nestjs/common';
import type { SessionOutcome } from '../core/outcome.js';
import { SessionRepository } from '../core/session-repository.js';
import { SessionError } from '../session.errors.js';
import { SessionSettings } from '../session.settings.js';
import { clearCookie, setCookie } from './cookie.js';
import { bodyOfError, headersOfError } from './http-error.js';
import { RequestSession } from './request-session.js';
import { gateResponse, type Verdict } from './response-gate.js';

const UNTOUCHED: Verdict = { kind: 'pass' };
const READ: Verdict = { kind: 'pass', headers: new Map([['Vary', 'Cookie']]) };

/**
 * Gives every request its session and saves it before the first byte of the response. Works on the raw objects of
 * Node, so it is the same on Express and Fastify.
 */
@Injectable()
export class SessionMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  readonly #logger = new Logger('Session');

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
  ) {}

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const session = RequestSession.attach(request, this.repository, this.settings);
    gateResponse(response, () => this.#judge(session));
    next();
  }

  #judge(session: RequestSession): Verdict | Promise<Verdict> {
    if (!session.wasAsked) return UNTOUCHED;
    try {
      const outcome = session.save();
      if (!(outcome instanceof Promise)) return READ;
      return outcome.then(
        (saved) => this.#accept(saved),
        (error: unknown) => this.#refuse(error),
      );
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #accept(outcome: SessionOutcome): Verdict {
    const cookie = this.#cookieFor(outcome);
    if (!cookie) return READ;
    const headers = [
      ['Vary', 'Cookie'],
      ['Set-Cookie', cookie],
      // A shared cache that kept this response would hand one visitor's session to another.
      ['Cache-Control', 'no-store'],
    ] as const;
    return { kind: 'pass', headers: new Map(headers) };
  }

  /** Only the request that began, renewed or ended a session touches the cookie. */
  #cookieFor(outcome: SessionOutcome): string | undefined {
    const { cookie } = this.settings;
    switch (outcome.kind) {
      case 'created':
        return setCookie(cookie, outcome.next.token, outcome.next.lifetime.absoluteSeconds);
      case 'renewed': {
        const { next, from, isAuthenticated } = outcome;
        const left = Math.ceil((from.deadlineAt - this.repository.now()) / 1000);
        return setCookie(
          cookie,
          next.token,
          isAuthenticated ? next.lifetime.absoluteSeconds : left,
        );
      }
      case 'destroyed':
        return clearCookie(cookie);
      case 'changed':
      case 'unchanged':
        return undefined;
    }
  }

  /** What was not saved is not answered with yes. The cookie is left alone: it may be good, or newer than this. */
  #refuse(thrown: unknown): Verdict {
    const error =
      thrown instanceof SessionError
        ? thrown
        : new SessionError(
            'SESSION_STATE',
            'Saving the session failed unexpectedly; see the log.',
            {
              cause: thrown,
            },
          );
    // An outage has its own line where the connection is kept; each request of it needs no stack.
    if (error.statusCode === 500) this.#logger.error(error.message, (thrown as Error).stack);
    else this.#logger.warn(error.message);
    return {
      kind: 'replace',
      status: error.statusCode,
      headers: new Map([
        ...headersOfError(error),
        ['Content-Type', 'application/json; charset=utf-8'],
      ]),
      body: JSON.stringify(bodyOfError(error)),
    };
  }
}
