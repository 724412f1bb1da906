import type { ExecutionContext } from '@nestjs/common';
import type { Session } from '../core/session.js';
import { SessionError } from '../session.errors.js';
import { httpContext } from './http-context.js';

/** What guards and parameters ask of a session, be it that of a request or of whatever else a handler is called for. */
export interface AskedSession {
  /** @param only the fields that are wanted, where the others are not. */
  load(only?: ReadonlySet<string>): Promise<Session>;
  /** The same, but for a stranger's session while Redis does not answer. */
  loadOrCarryOn(only?: ReadonlySet<string>): Promise<Session>;
  /** How long ago the user proved who they are; `undefined` for a guest. */
  secondsSinceProof(only?: ReadonlySet<string>): Promise<number | undefined>;
}

/** Where the session is in the contexts of one type, and how a handler's caller there is told what went wrong. */
export interface ContextKind<Asked extends AskedSession = AskedSession> {
  /** @throws {SessionError} `SESSION_STATE` where there is none. */
  sessionOf(context: ExecutionContext): Asked;
  /** What is thrown in place of an error: of the library, or of a guard that refuses. */
  errorFor(error: unknown, asked: Asked): unknown;
}

const kinds = new Map<string, ContextKind>([['http', httpContext]]);

/**
 * Parameters and guards find sessions from here on in contexts of this type, too. They are made before there is an
 * application, so it holds for all of a process.
 *
 * @param type as `context.getType()` gives it.
 */
export function addContextKind(type: string, kind: ContextKind): void {
  kinds.set(type, kind);
}

/** @throws {SessionError} `SESSION_STATE` for a type that nobody has added. */
export function kindOf(context: ExecutionContext): ContextKind {
  const type = context.getType<string>();
  const kind = kinds.get(type);
  if (kind) return kind;
  throw new SessionError(
    'SESSION_STATE',
    `A session was asked for in a context of type "${type}", and nothing says where it is there. Import the module that nestjs-redis-session has for it, if there is one; elsewhere use SessionService with the id of the session.`,
  );
}
