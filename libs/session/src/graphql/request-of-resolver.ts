import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../session.errors.js';

/** Fastify wraps Node's request and keeps it under `raw`. */
type MaybeRequest = (Partial<IncomingMessage> & { raw?: IncomingMessage }) | undefined;

/** What the drivers of Nest, or applications, put into the context of a GraphQL operation. */
interface OperationContext {
  /** graphql-ws gives what it knows of its socket, where a request would be. */
  req?: MaybeRequest & { extra?: { request?: MaybeRequest } };
  request?: MaybeRequest;
  /** Of Mercurius. */
  reply?: { request?: MaybeRequest };
}

/** The way from a field up to the root of its operation; made anew each time that an operation is run. */
export interface FieldPath {
  readonly prev: FieldPath | undefined;
}

export interface OperationInfo {
  readonly operation?: { readonly operation?: string };
  readonly path?: FieldPath;
}

/** @returns the request that the resolver is called for, or the handshake of its socket; `undefined` where there is none. */
export function findRequestOfResolver(context: ExecutionContext): IncomingMessage | undefined {
  const { req, request, reply } = argumentsOf(context).operation;
  const found = [req, req?.extra?.request, request, reply?.request]
    .map((one) => one?.raw ?? one)
    .find((one) => one?.headers);
  return found as IncomingMessage | undefined;
}

/** @throws {SessionError} `SESSION_STATE` where there is no request. */
export function requestOfResolver(context: ExecutionContext): IncomingMessage {
  const request = findRequestOfResolver(context);
  if (request) return request;
  throw new SessionError(
    'SESSION_STATE',
    'A resolver asked for the session, and there is no HTTP request in the GraphQL context. Put it there: GraphQLModule.forRoot({ context: ({ req, res }) => ({ req, res }) }) on Express, or context: (request, reply) => ({ req: request, reply }) on Fastify.',
  );
}

/** @returns nothing for a loader of Mercurius. */
export function infoOfResolver(context: ExecutionContext): OperationInfo {
  return argumentsOf(context).info;
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
