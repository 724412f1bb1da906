import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { toHttpException } from '../http/http-error.js';
import { SessionError } from '../session.errors.js';
import { saveFirst } from '../sockets/save-first.js';
import { SocketSessions } from './socket-sessions.js';
import { withExtensions } from './with-extensions.js';

/** Saves what a query, a mutation or a subscription over a socket did to the session, when its handler ends. Requests save their own. */
export class SaveRootField implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const isResolver = context.getType<string>() === 'graphql';
    const session = isResolver ? SocketSessions.find(context) : undefined;
    return session ? saveFirst(session, next.handle(), errorOfLibrary) : next.handle();
  }
}

function errorOfLibrary(error: unknown): unknown {
  return error instanceof SessionError ? withExtensions(toHttpException(error)) : error;
}
