import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../session.errors.js';

/** Fastify wraps Node's request and keeps it under `raw`. */
type MaybeRequest = (Partial<IncomingMessage> & { raw?: IncomingMessage }) | undefined;

/** What the drivers of Nest, or applications, put into the context of a GraphQL operation. */
interface OperationContext {
  req?: MaybeRequest & { extra?: unknown };
  request?: MaybeRequest;
  /** Of Mercurius. */
  reply?: { request?: MaybeRequest };
}

interface OperationInfo {
  operation?: { operation?: string };
}

/** @throws {SessionError} `SESSION_STATE` where there is no HTTP request, or not one that is answered once. */
export function requestOfResolver(context: ExecutionContext): IncomingMessage {
  const { operation, info } = argumentsOf(context);
  const { req, request, reply } = operation;
  const found = [req, request, reply?.request]
    .map((one) => one?.raw ?? one)
    .find((one) => one?.headers);
  // graphql-ws gives what it knows of its socket, under `extra`, where a request would be.
  const isSocket =
    req?.extra !== undefined || found?.headers?.upgrade?.toLowerCase() === 'websocket';
  if (isSocket || info.operation?.operation === 'subscription') throw inSubscription();
  if (found) return found as IncomingMessage;
  throw new SessionError(
    'SESSION_STATE',
    'A resolver asked for the session, and there is no HTTP request in the GraphQL context. Put it there: GraphQLModule.forRoot({ context: ({ req, res }) => ({ req, res }) }) on Express, or context: (request, reply) => ({ req: request, reply }) on Fastify.',
  );
}

/** The context stands before the info, wherever that is; a loader of Mercurius gets no info, and the context last. */
function argumentsOf(context: ExecutionContext): {
  operation: OperationContext;
  info: OperationInfo;
} {
  const args = context.getArgs<unknown[]>();
  const at = args.findLastIndex((arg) => (arg as OperationInfo | undefined)?.operation?.operation);
  const [operation, info] = at > 0 ? args.slice(at - 1) : args.slice(-1);
  return { operation: operation ?? {}, info: info ?? {} };
}

function inSubscription(): SessionError {
  return new SessionError(
    'SESSION_STATE',
    'A session was asked for in a GraphQL subscription, or over a websocket, where no response saves it. Sessions are there for queries and mutations over HTTP; here use SessionService with the id of the session.',
  );
}
