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
import type { MessageSession } from './message-session.js';

/** How long a handler is waited for whose socket has closed: what it does may still have to be saved. */
const LONGEST_HANDLER_MS = 30_000;

/**
 * Saves what a handler did to the session before its first answer leaves, or its error.
 *
 * @param errorFor what the peer is told of an error.
 */
export function saveFirst(
  session: MessageSession,
  answers: Observable<unknown>,
  errorFor: (error: unknown) => unknown,
): Observable<unknown> {
  const saved = defer(() => session.settle());
  return answers.pipe(
    // An error waits for its turn as answers do, and for the save if it is the first.
    materialize(),
    concatMap((answer, i) => (i === 0 ? saved.pipe(map(() => answer)) : of(answer))),
    dematerialize(),
    catchError((error: unknown) => throwError(() => errorFor(error))),
    finalize(() => void session.settle().catch(() => undefined)),
    // A handler goes on when its socket closes, and ends with what it has changed.
    share({ resetOnRefCountZero: () => timer(session.isSettled ? 0 : LONGEST_HANDLER_MS) }),
  );
}
