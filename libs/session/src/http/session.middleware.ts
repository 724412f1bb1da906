import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type NestMiddleware,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { asError } from '../core/as-error.js';
import type { SessionOutcome } from '../core/outcome.js';
import { SessionRepository } from '../core/session-repository.js';
import { holds, trace } from '../core/trace.js';
import { SessionError } from '../session.errors.js';
import { SessionSettings } from '../session.settings.js';
import { bodyOfError, headersOfError } from './http-error.js';
import { LongRequests } from './long-requests.js';
import { logRefusal, logRefusalsNow } from './refused-requests.js';
import { RequestSession } from './request-session.js';
import { warnOfPlainHttp } from './cookie-warnings.js';
import type { Replacement } from './replaced-response.js';
import type { Verdict } from './gate-keeper.js';
import { ResponseGate } from './response-gate.js';
import type { AddedHeaders } from './response-head.js';
import { type Carrier, tokenHeaders, varyOf } from './token-carrier.js';

const UNTOUCHED: Verdict = { kind: 'pass' };
/** A browser may keep the page of a user, but asks before it shows it again: it may be another user's computer by then. */
const PRIVATE = [['Cache-Control', 'private, no-cache']] as const;
const JSON_BODY = ['Content-Type', 'application/json; charset=utf-8'] as const;

/**
 * Gives every request its session and saves it before the first byte of the response. Works on the raw objects of
 * Node, so it is the same on Express and Fastify.
 */
@Injectable()
export class SessionMiddleware
  implements
    NestMiddleware<IncomingMessage, ServerResponse>,
    BeforeApplicationShutdown,
    OnApplicationShutdown
{
  #isClosing = false;
  readonly #logger = new Logger('Session');
  readonly #vary: readonly [name: string, value: string];
  readonly #readByGuest: Verdict;
  readonly #readByUser: Verdict;
  readonly #longRequests: LongRequests;

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
  ) {
    this.#vary = ['Vary', varyOf(settings)];
    this.#readByGuest = { kind: 'pass', headers: [this.#vary] };
    this.#readByUser = { ...this.#readByGuest, defaults: PRIVATE };
    this.#longRequests = new LongRequests(settings);
  }

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    this.begin(request, response);
    next();
  }

  /** Before anything else sees the request and wraps its response. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const session = RequestSession.attach(request, response, this.repository, this.settings);
    // A server that closes waits for its connections, and a busy one would stay open for as long as its browser likes.
    if (this.#isClosing && request.httpVersionMajor === 1) {
      response.setHeader('Connection', 'close');
    }
    this.#longRequests.begin(session);
    ResponseGate.close(response, {
      decide: () => this.#judge(session),
      failed: (error, added) => this.#fail(error, added, session),
    });
  }

  beforeApplicationShutdown(): void {
    this.#isClosing = true;
  }

  onApplicationShutdown(): void {
    this.#longRequests.stop();
    logRefusalsNow();
  }

  #judge(session: RequestSession): Verdict | Promise<Verdict> {
    if (!session.wasAsked) return UNTOUCHED;
    try {
      const outcome = session.save();
      if (!(outcome instanceof Promise)) return this.#accept(outcome, session);
      const held = holds.hasSubscribers ? traceHold(outcome) : outcome;
      return held.then(
        (saved) => this.#accept(saved, session),
        (error: unknown) => this.#refuse(error, session),
      );
    } catch (error) {
      return this.#refuse(error, session);
    }
  }

  #accept(outcome: SessionOutcome, session: RequestSession): Verdict {
    const { carriers } = session;
    const own = this.#tokenHeaders(outcome, carriers);
    const handedOver = session.adoption?.headers(carriers, own.length > 0) ?? [];
    if (own.length + handedOver.length === 0) {
      return session.isOfUser ? this.#readByUser : this.#readByGuest;
    }
    if (this.settings.cookie.secure && carriers.includes('cookie') && session.isPlainHttp) {
      warnOfPlainHttp(this.settings);
    }
    // A shared cache that kept this response would hand one visitor's session to another.
    const headers = [this.#vary, ...own, ...handedOver, ['Cache-Control', 'no-store'] as const];
    return { kind: 'pass', headers };
  }

  /** Only the request that began, renewed or ended a session touches the cookie. */
  #tokenHeaders(
    outcome: SessionOutcome,
    carriers: readonly Carrier[],
  ): [name: string, value: string][] {
    const { cookie } = this.settings;
    switch (outcome.kind) {
      case 'created': {
        const { token, lifetime } = outcome.next;
        return tokenHeaders(token, lifetime.absoluteSeconds, carriers, cookie);
      }
      case 'renewed': {
        const { next, from, isAuthenticated } = outcome;
        const left = Math.ceil((from.deadlineAt - this.repository.now()) / 1000);
        const maxAge = isAuthenticated ? next.lifetime.absoluteSeconds : left;
        return tokenHeaders(next.token, maxAge, carriers, cookie);
      }
      case 'destroyed':
        return tokenHeaders(undefined, 0, carriers, cookie);
      case 'changed':
      case 'unchanged':
        return [];
    }
  }

  /** What was not saved is not answered with yes. The cookie is left alone: it may be good, or newer than this. */
  #refuse(thrown: unknown, { adoption, carriers }: RequestSession): Replacement {
    const cause = asError(thrown);
    const error =
      cause instanceof SessionError
        ? cause
        : new SessionError(
            'SESSION_STATE',
            'Saving the session failed unexpectedly; see the log.',
            { cause },
          );
    if (error.statusCode === 500) this.#logger.error(error.message, cause.stack);
    else logRefusal(error);
    return {
      kind: 'replace',
      status: error.statusCode,
      headers: [
        ...headersOfError(error),
        JSON_BODY,
        // A session that has gone over is here now, whatever became of the request that brought it.
        ...(adoption?.headers(carriers, false) ?? []),
      ],
      body: JSON.stringify(bodyOfError(error)),
    };
  }

  /** What was saved stays saved, so its cookie is still handed out. */
  #fail(thrown: unknown, { headers = [] }: AddedHeaders, { route }: RequestSession): Replacement {
    const error = asError(thrown);
    this.#logger.error(
      `The response to ${route} could not be sent after the session was saved: ${String(error)}`,
      error.stack,
    );
    return {
      kind: 'replace',
      status: 500,
      headers: [['Cache-Control', 'no-store'], ...headers, JSON_BODY],
      body: JSON.stringify({ statusCode: 500, message: 'Internal server error' }),
    };
  }
}

function traceHold(outcome: Promise<SessionOutcome>): Promise<SessionOutcome> {
  const act = () => outcome;
  return trace(holds, {}, act, ({ kind }) => kind);
}
