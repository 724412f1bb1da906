import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { filter, type Observable, Subject } from 'rxjs';
import type {
  SessionEvent,
  SessionEventGap,
  SessionEventOf,
  SessionEventType,
} from './session-event.js';

/**
 * What becomes of sessions, heard by every instance of an application, whichever did it, this one included.
 *
 * Each event is heard at most once: what Redis tells while this instance is not connected is lost to it, and `gaps$` says that it
 * may be. Events of one act come in order; those of several instances may overtake each other, and `at` tells their order. What a
 * subscriber throws is an uncaught exception, as ever with RxJS; a method with `@OnSessionEvent()` has its errors logged.
 */
@Injectable()
export class SessionEvents {
  readonly #events = new Subject<SessionEvent>();
  readonly #gaps = new Subject<SessionEventGap>();

  /** The name of this instance: its host, and letters that are others at each start. */
  readonly instance: string = `${hostname()}:${randomBytes(6).toString('base64url')}`;

  /** All events, from the moment that somebody subscribes. Completes when the application shuts down. */
  readonly all$: Observable<SessionEvent> = this.#events.asObservable();

  /**
   * Told when events are heard again after an interruption. Whoever keeps what events told looks at it anew then: it may have
   * changed in the meantime.
   */
  readonly gaps$: Observable<SessionEventGap> = this.#gaps.asObservable();

  /** The events of these types: `events.of('revoked', 'signed-out')`. */
  of<Type extends SessionEventType>(...types: Type[]): Observable<SessionEventOf<Type>> {
    const isWanted = (event: SessionEvent): event is SessionEventOf<Type> =>
      (types as SessionEventType[]).includes(event.type);
    return this.all$.pipe(filter(isWanted));
  }

  /** @internal */
  tell(events: readonly SessionEvent[]): void {
    for (const event of events) this.#events.next(event);
  }

  /** @internal */
  tellGap(gap: SessionEventGap): void {
    this.#gaps.next(gap);
  }

  /** @internal */
  end(): void {
    this.#events.complete();
    this.#gaps.complete();
  }
}
