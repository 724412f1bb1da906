import type { ExecutionContext } from '@nestjs/common';
import { SessionError } from '../session.errors.js';
import { MessageSession } from '../sockets/message-session.js';

/** It travels beside the message: handlers of one socket run at the same time. */
export function findSessionOfMessage(context: ExecutionContext): MessageSession | undefined {
  return context.getArgs<unknown[]>().find((arg) => arg instanceof MessageSession);
}

/** @throws {SessionError} `SESSION_STATE` where a message came another way. */
export function sessionOfMessage(context: ExecutionContext): MessageSession {
  const session = findSessionOfMessage(context);
  if (session) return session;
  throw new SessionError(
    'SESSION_STATE',
    'A session was asked for in a gateway whose messages SessionWebSocketsModule does not see. Import it in your root module.',
  );
}
