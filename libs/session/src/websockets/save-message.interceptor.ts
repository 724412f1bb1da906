import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { saveFirst } from '../sockets/save-first.js';
import { errorOfLibrary } from './message-context.js';
import { findSessionOfMessage } from './session-of-message.js';

/** Saves what a handler did to the session before its first answer leaves, or its error. It keeps nothing, so one is enough. */
export class SaveMessage implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const session = findSessionOfMessage(context);
    if (!session) return next.handle();
    return saveFirst(session, next.handle(), (error) => errorOfLibrary(error) ?? error);
  }
}
