import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger, type NestMiddleware } from '@nestjs/common';
import { bodyOfError, bodyOfRefusal, headersOfError } from '../http/http-error.js';
import { logOutage } from '../http/refused-requests.js';
import { RequestSession } from '../http/request-session.js';
import { SessionError } from '../session.errors.js';
import { GatewaySettings } from './gateway-settings.js';
import { type Header, identityHeaders } from './identity-headers.js';

/** As proxies drop bodies, the code of a refusal stands in a header, too. */
const CODE_HEADER = 'X-Session-Code';

interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body?: object;
}

/**
 * Answers by itself, to any method, on Node's own response: no guard, interceptor or filter of the application makes another
 * answer of it, and Express no 304.
 */
@Injectable()
export class SessionGatewayMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  readonly #logger = new Logger('SessionGateway');

  constructor(@Inject(GatewaySettings) private readonly settings: GatewaySettings) {}

  async use(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.#judge(request);
    response.statusCode = status;
    response.setHeader('Cache-Control', 'no-store');
    for (const [name, value] of headers) response.setHeader(name, value);
    if (body) response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(body && JSON.stringify(body));
  }

  async #judge(request: IncomingMessage): Promise<Answer> {
    try {
      const { fieldNames, allowAnonymous } = this.settings;
      // What a proxy drops of this answer is the cookie, too.
      const asked = RequestSession.of(request).keepToken();
      const session = await asked.load(fieldNames);
      // Middleware before this one may have changed it. If that cannot be saved, the answer must not say who it is.
      await asked.save();
      if (session.isSignedIn || allowAnonymous) {
        return { status: 200, headers: identityHeaders(session, this.settings) };
      }
      const body = bodyOfRefusal(session);
      return { status: 401, headers: [[CODE_HEADER, body.code]], body };
    } catch (error) {
      if (error instanceof SessionError) return this.#failure(error);
      throw error;
    }
  }

  #failure(error: SessionError): Answer {
    if (error.statusCode === 500) this.#logger.error(error.message);
    else logOutage(error);
    return {
      status: error.statusCode,
      headers: [...headersOfError(error), [CODE_HEADER, error.code]],
      body: bodyOfError(error),
    };
  }
}
