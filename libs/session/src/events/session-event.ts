import type { LocalSessionEvent, SessionEventFacts } from '../core/session-event.js';

/** A session was not used for its idle timeout, or reached its absolute end. Redis itself tells it to every instance. */
export interface SessionExpired extends SessionEventFacts {
  /** Tells it from the other events. */
  readonly type: 'expired';
  /** Nothing is left that knows it. */
  readonly userId: undefined;
  /** No instance did it. */
  readonly instance: undefined;
}

/** Whose act it was. */
export interface ByInstance {
  /** The instance of the application that did it: {@link SessionEvents.instance} there. */
  readonly instance: string;
}

/** What became of a session. `type` says what, and which other properties there are. */
export type SessionEvent = (LocalSessionEvent & ByInstance) | SessionExpired;

/** What can become of a session. */
export type SessionEventType = SessionEvent['type'];

/** The event of a type, or of several. */
export type SessionEventOf<Type extends SessionEventType> = Extract<
  SessionEvent,
  Record<'type', Type>
>;

/** A time in which this instance may have heard nothing. It is told once events are heard again. */
export interface SessionEventGap {
  /** When everything was heard for certain, in epoch milliseconds by the clock of Redis; a few seconds too early, if anything. */
  readonly since: number;
  /** Since when everything is heard again, in epoch milliseconds by the clock of Redis. */
  readonly until: number;
}
