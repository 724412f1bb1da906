import type { OptionNames } from '../settings/known-options.js';

/** How events are kept for the handlers of groups. */
export interface SessionEventStreamOptions {
  /**
   * How many acts the stream holds, about; the oldest go first, handled or not. Default `100000`: about 25 MB, and at ten
   * changes a second the work of nearly three hours, in which the handlers may be away. Bounds: a whole number from 100 to
   * 10,000,000.
   */
  maxLength?: number;

  /**
   * After which time an event goes to another instance if its handler has not resolved: the instance died, or the handler failed
   * or is stuck. Milliseconds. Default `60000`: longer than a handler takes, or it would run twice at once. Bounds: a whole
   * number from 100 to 86,400,000.
   */
  retryAfterMs?: number;
}

/** Options of `SessionEventsModule.forRoot()`. */
export interface SessionEventsOptions {
  /**
   * Whether `expired` is heard. Default `false`. Redis tells of keys that expire only where its operator has set
   * `notify-keyspace-events Ex`; at the start of the application it is asked, and the log says so if it does not. On a Cluster each
   * instance has a connection to every primary then.
   */
  expired?: boolean;

  /**
   * Keeps events in a Redis Stream until each group of handlers has handled them:
   * `@OnSessionEvent('revoked', { group: 'audit' })`. `{}` takes the defaults. Costs one `XADD` for each change, which the response
   * waits for. Default: none, and events are heard at most once.
   */
  stream?: SessionEventStreamOptions;
}

/** The names of all options; any other name is refused at start. */
export const EVENTS_OPTIONS = {
  expired: 'boolean',
  stream: { maxLength: 'value', retryAfterMs: 'value' },
} as const satisfies OptionNames<SessionEventsOptions>;
