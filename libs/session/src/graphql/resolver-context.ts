import type { ContextKind } from '../http/asked-session.js';
import { httpContext } from '../http/http-context.js';
import { RequestSession } from '../http/request-session.js';
import { requestOfResolver } from './request-of-resolver.js';
import { withExtensions } from './with-extensions.js';

/** Resolvers: the session is that of the HTTP request, however many of them it has called. */
export const resolverContext: ContextKind<RequestSession> = {
  sessionOf: (context) => RequestSession.of(requestOfResolver(context)),
  errorFor: (error, session) => withExtensions(httpContext.errorFor(error, session)),
};
