import type { IncomingMessage } from 'node:http';
import type { ContextKind } from './asked-session.js';
import { toHttpException } from './http-error.js';
import { RequestSession } from './request-session.js';

/** Handlers of controllers. */
export const httpContext: ContextKind<RequestSession> = {
  sessionOf(context) {
    // Fastify wraps Node's request and keeps it under `raw`; Express extends it.
    const request = context
      .switchToHttp()
      .getRequest<IncomingMessage & { raw?: IncomingMessage }>();
    const session = RequestSession.of(request.raw ?? request);
    session.askedIn(context);
    return session;
  },
  errorFor: (error, { response }) => toHttpException(error, response),
};
