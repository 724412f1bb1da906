import { whole, wrong } from '../settings/wrong-option.js';
import type { SessionEventsOptions, SessionEventStreamOptions } from './session-events.options.js';

const MODULE = 'SessionEventsModule';

/** The options with every default filled in, checked once at start. Type and injection token. */
export class SessionEventsSettings {
  readonly hearsExpiries: boolean;
  readonly stream: Required<SessionEventStreamOptions> | undefined;

  /** @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be. */
  constructor(options: SessionEventsOptions = {}) {
    const { expired = false, stream } = options;
    if (typeof expired !== 'boolean') throw wrong('expired', expired, 'true or false', MODULE);
    this.hearsExpiries = expired;
    this.stream = stream === undefined ? undefined : streamOf(stream);
  }
}

function streamOf(stream: SessionEventStreamOptions): Required<SessionEventStreamOptions> {
  if (stream === null || typeof stream !== 'object') {
    throw wrong('stream', stream, 'an object such as { maxLength: 100000 }, or left out', MODULE);
  }
  const { maxLength = 100_000, retryAfterMs = 60_000 } = stream;
  whole('stream.maxLength', maxLength, 10_000_000, MODULE, 100);
  whole('stream.retryAfterMs', retryAfterMs, 86_400_000, MODULE, 100);
  return { maxLength, retryAfterMs };
}
