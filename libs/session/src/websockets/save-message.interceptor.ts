import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import {
  catchError,
  concatMap,
  defer,
  dematerialize,
  finalize,
  map,
  materialize,
  type Observable,
  of,
  share,
  throwError,
  timer,
} from 'rxjs';
import { errorOfLibrary } from './message-context.js';
import { MessageSession } from './message-session.js';

/** How long a handler is waited for whose socket has closed: what it does may still have to be saved. */
const LONGEST_HANDLER_MS = 30_000;

/** Saves what a handler did to the session before its first answer leaves, or its error. It keeps nothing, so one is enough. */
export class SaveMessage implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const session = MessageSession.find(context);
    return session ? saveFirst(session, next.handle()) : next.handle();
  }
}

function saveFirst(session: MessageSession, answers: Observable<unknown>): Observable<unknown> {
  const saved = defer(() => session.settle());
  return answers.pipe(
    // An error waits for its turn as answers do, and for the save if it is the first.
    materialize(),
    concatMap((answer, i) => (i === 0 ? saved.pipe(map(() => answer)) : of(answer))),
    dematerialize(),
    catchError((error: unknown) => throwError(() => errorOfLibrary(error) ?? error)),
    finalize(() => void session.settle().catch(() => undefined)),
    // A handler goes on when its socket closes, and ends with what it has changed.
    share({ resetOnRefCountZero: () => timer(session.isSettled ? 0 : LONGEST_HANDLER_MS) }),
  );
}
