/**
 * What becomes of sessions, heard by all instances of an application: as observables and by `@OnSessionEvent()`.
 *
 * @module nestjs-redis-session/events
 */

export { SessionEventsModule } from './session-events.module.js';
export type { SessionEventsOptions, SessionEventStreamOptions } from './session-events.options.js';
export { SessionEvents } from './session-events.js';
export {
  OnSessionEvent,
  type ChosenSessionEvent,
  type OnSessionEventOptions,
  type SessionEventChoice,
  type SessionEventDecorator,
} from './on-session-event.decorator.js';
export type {
  ByInstance,
  SessionEvent,
  SessionEventGap,
  SessionEventOf,
  SessionEventType,
  SessionExpired,
} from './session-event.js';
export type {
  LocalSessionEvent,
  SessionChanged,
  SessionCreated,
  SessionEventFacts,
  SessionRenewed,
  SessionRevoked,
  SessionSignedIn,
  SessionSignedOut,
} from '../core/session-event.js';
