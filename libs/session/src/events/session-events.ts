import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Injectable, Logger } from '@nestjs/common';
import { filter, type Observable, Subject } from 'rxjs';
import { decodeEvents } from './event-codec.js';
import { GuardedObservable } from './guarded-observable.js';
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
 * may be. Events of one act come in order; those of several instances may overtake each other, and `at` tells their order.
 *
 * What a subscriber throws is logged, also where it is asynchronous; other subscribers still get the event. That holds for what is
 * subscribed to `all$`, `gaps$`, `of()` and what `pipe()` makes of them, and for methods with `@OnSessionEvent()`. It does not hold
 * behind a `Subject` of your own, or where RxJS combines them with other observables, as `merge()` does: there a subscriber
 * that throws is an uncaught exception.
 */
@Injectable()
export class SessionEvents {
  readonly #events = new Subject<SessionEvent>();
  readonly #gaps = new Subject<SessionEventGap>();
  readonly #logger = new Logger('SessionEvents');
  /** By the session that they are of. */
  readonly #held = new Map<string, SessionEvent[]>();
  #invalidMessages = 0;

  /** The name of this instance: its host, and letters that are others at each start. */
  readonly instance: string = `${hostname()}:${randomBytes(6).toString('base64url')}`;

  /** All events, from the moment that somebody subscribes. Completes when the application shuts down. */
  readonly all$: Observable<SessionEvent> = new GuardedObservable(this.#events);

  /**
   * Told when events are heard again after an interruption. Whoever keeps what events told looks at it anew then: it may have
   * changed in the meantime.
   */
  readonly gaps$: Observable<SessionEventGap> = new GuardedObservable(this.#gaps);

  /**
   * How many messages this instance has ignored because no version of this library writes such ones. It stays `0` unless something
   * else publishes to the channel, or adds to the stream, of session events. The first one is logged.
   */
  get invalidMessages(): number {
    return this.#invalidMessages;
  }

  /** The events of these types: `events.of('revoked', 'signed-out')`. */
  of<Type extends SessionEventType>(...types: Type[]): Observable<SessionEventOf<Type>> {
    const isWanted = (event: SessionEvent): event is SessionEventOf<Type> =>
      (types as SessionEventType[]).includes(event.type);
    return this.all$.pipe(filter(isWanted));
  }

  /** @internal */
  tell(events: readonly SessionEvent[]): void {
    for (const event of events) {
      const before = 'previousId' in event ? event.previousId : undefined;
      const held = this.#held.get(event.sessionId) ?? (before && this.#held.get(before));
      if (held) held.push(event);
      else this.#events.next(event);
    }
  }

  /**
   * Events of a session wait until something has settled, and are told in order then.
   *
   * @internal
   */
  hold(sessionId: string, until: Promise<unknown>): void {
    if (this.#held.has(sessionId)) return;
    const held: SessionEvent[] = [];
    this.#held.set(sessionId, held);
    const release = () => {
      this.#held.delete(sessionId);
      this.tell(held);
    };
    until.then(release, release);
  }

  /**
   * What a message from Redis says; nothing where it is invalid.
   *
   * @internal
   */
  decode(text: string): SessionEvent[] {
    const events = decodeEvents(text);
    if (events) return events;
    if (this.#invalidMessages++ === 0) {
      this.#logger.warn(
        'A message on the channel, or in the stream, of session events was ignored: this library does not write such messages. Check who may write there (PUBLISH, SPUBLISH, XADD). Further ones are counted in SessionEvents.invalidMessages and not logged.',
      );
    }
    return [];
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
