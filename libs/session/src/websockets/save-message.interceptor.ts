import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { saveFirst } from '../sockets/save-first.js';
import { errorOfLibrary } from './message-context.js';
import { findSessionOfMessage } from './session-of-message.js';

/** Saves what a handler did to the session before its first answer leaves, or its error. It keeps nothing, so one is enough. */
export class SaveMessage implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const session = findSessionOfMessage(context);
    if (!session) return next.handle();
    const answers = next.handle().pipe(tap(assertSendable));
    return saveFirst(session, answers, (error) => errorOfLibrary(error) ?? error);
  }
}

/**
 * The adapters of Nest send an answer where nothing catches that it cannot be turned into JSON, which ends the process. Found out
 * here, the peer is told of an error.
 *
 * @throws {TypeError} for an answer with a BigInt, or one that contains itself; and what its `toJSON()` throws.
 */
function assertSendable(answer: unknown): void {
  const { data } = (answer ?? {}) as { data?: unknown };
  // socket.io sends bytes as they are.
  if (!ArrayBuffer.isView(answer) && !ArrayBuffer.isView(data)) JSON.stringify(answer);
}
