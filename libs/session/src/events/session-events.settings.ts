import { assertKnownOptions } from '../settings/known-options.js';
import { whole } from '../settings/wrong-option.js';
import {
  EVENTS_OPTIONS,
  type SessionEventsOptions,
  type SessionEventStreamOptions,
} from './session-events.options.js';

const MODULE = 'SessionEventsModule';

/** The options with every default filled in, checked once at start. Type and injection token. */
export class SessionEventsSettings {
  readonly hearsExpiries: boolean;
  readonly stream: Required<SessionEventStreamOptions> | undefined;

  /** @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be. */
  constructor(options: SessionEventsOptions = {}) {
    assertKnownOptions(options, EVENTS_OPTIONS, MODULE);
    const { expired = false, stream } = options;
    this.hearsExpiries = expired;
    this.stream = stream === undefined ? undefined : streamOf(stream);
  }
}

function streamOf(stream: SessionEventStreamOptions): Required<SessionEventStreamOptions> {
  const { maxLength = 100_000, retryAfterMs = 60_000 } = stream;
  whole('stream.maxLength', maxLength, 10_000_000, MODULE, 100);
  whole('stream.retryAfterMs', retryAfterMs, 86_400_000, MODULE, 100);
  return { maxLength, retryAfterMs };
}
