import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../session.errors.js';
import type { ContextKind } from './asked-session.js';
import { PROTOCOL } from './copies.js';
import { httpContext } from './http-context.js';

/** Of the process, so that several copies of this package share it. */
const KINDS = Symbol.for(`nestjs-redis-session:context-kinds:${PROTOCOL}`);

const shared = globalThis as { [key: symbol]: Map<string, ContextKind> | undefined };
const kinds = (shared[KINDS] ??= new Map<string, ContextKind>([['http', httpContext]]));

/** What helps where nothing says where sessions are, by type of context. */
const ADVICE: Readonly<Record<string, string>> = {
  ws: 'Import SessionWebSocketsModule.forRoot({}) of nestjs-redis-session/websockets, and SessionEventsModule.forRoot({}) of nestjs-redis-session/events, in your root module.',
  graphql:
    'Import SessionGraphQLModule of nestjs-redis-session/graphql in your root module, next to GraphQLModule.',
  rpc: 'Messages of microservices come without a cookie and have no session: send the session id or the user id in the message, and use SessionService. A SessionGuard for the whole application (APP_GUARD, or inheritAppConfig in a hybrid application) guards these handlers, too: extend it, and let canActivate() decide by itself where context.getType() is "rpc".',
};

/**
 * Parameters and guards find sessions from here on in contexts of this type, too. They are made before there is an
 * application, so it holds for all of a process.
 *
 * @param type as `context.getType()` gives it.
 */
export function addContextKind(type: string, kind: ContextKind): void {
  kinds.set(type, kind);
}

/** @throws {SessionError} `SESSION_STATE` for a type that was not added. */
export function kindOf(context: ExecutionContext): ContextKind {
  const kind = kinds.get(context.getType());
  if (kind) return kind;
  throw unknownContext(context);
}

/** Names the handler, and what to do about it. */
export function unknownContext(context: ExecutionContext): SessionError {
  const type = context.getType<string>();
  return new SessionError(
    'SESSION_STATE',
    `${context.getClass().name}.${context.getHandler().name} or its guard asked for a session in a context of type "${type}", where none is known. ${ADVICE[type] ?? 'Use SessionService with the id of the session.'}`,
  );
}
