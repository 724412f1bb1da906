import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../session.errors.js';
import type { ContextKind } from './asked-session.js';
import { httpContext } from './http-context.js';

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
