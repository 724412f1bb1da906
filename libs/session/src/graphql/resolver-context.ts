import type { ContextKind } from '../http/asked-session.js';
import { toHttpException } from '../http/http-error.js';
import { RequestSession } from '../http/request-session.js';
import { SessionError } from '../session.errors.js';
import type { MessageSession } from '../sockets/message-session.js';
import { infoOfResolver, requestOfResolver } from './request-of-resolver.js';
import { SocketSessions } from './socket-sessions.js';
import { withExtensions } from './with-extensions.js';

/** Resolvers: the session is that of the HTTP request, however many of them it has called, or one of those of a socket. */
export const resolverContext: ContextKind<RequestSession | MessageSession> = {
  sessionOf(context) {
    const request = requestOfResolver(context);
    const ofSocket = SocketSessions.of(request);
    if (ofSocket) return ofSocket.for(context);
    const isSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    const { operation } = infoOfResolver(context);
    if (isSocket || operation?.operation === 'subscription') throw unseen();
    return RequestSession.of(request);
  },
  errorFor(error, session) {
    const response = session instanceof RequestSession ? session.response : undefined;
    return withExtensions(toHttpException(error, response));
  },
};

function unseen(): SessionError {
  return new SessionError(
    'SESSION_STATE',
    'A session was asked for in a GraphQL subscription, or over a websocket, and nobody has seen its handshake. Import SessionEventsModule.forRoot({}) of nestjs-redis-session/events in your root module, beside SessionGraphQLModule, and let GraphQLModule have subscriptions: { "graphql-ws": true } with Apollo, or subscription: true with Mercurius.',
  );
}
