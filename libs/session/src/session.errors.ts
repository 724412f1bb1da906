/**
 * What went wrong, for machines, logs and documentation. The text of a message may change, a code never does.
 *
 * | code | when | HTTP |
 * | --- | --- | --- |
 * | `SESSION_CONFIG` | an option is wrong; the application does not start | 500 |
 * | `SESSION_STORE` | Redis refused, did not answer in time, or is away | 503, with `Retry-After` |
 * | `SESSION_GONE` | the session ended meanwhile; nothing was written, the cookie is left alone | 401 |
 * | `SESSION_CONFLICT` | others kept writing the field that `update` wanted; nothing was written | 409 |
 * | `SESSION_LIMIT` | the user has as many sessions as they may; the sign-in was refused | 403 |
 * | `SESSION_SEARCH` | a search cannot be answered, or only in part: no Redis Search, no index yet, cut short | 503 |
 * | `SESSION_TOO_LARGE` | a field or a session would be larger than it may be; nothing was written | 413 |
 * | `SESSION_FORMAT` | a value cannot be stored as it is, or what is stored cannot be read; names the field | 500 |
 * | `SESSION_STATE` | a mistake in the program, such as a change after the response has begun | 500 |
 */
export type SessionErrorCode =
  | 'SESSION_CONFIG'
  | 'SESSION_STORE'
  | 'SESSION_GONE'
  | 'SESSION_CONFLICT'
  | 'SESSION_LIMIT'
  | 'SESSION_SEARCH'
  | 'SESSION_TOO_LARGE'
  | 'SESSION_FORMAT'
  | 'SESSION_STATE';

const HTTP_STATUS: Record<SessionErrorCode, number> = {
  SESSION_CONFIG: 500,
  SESSION_STORE: 503,
  SESSION_GONE: 401,
  SESSION_CONFLICT: 409,
  SESSION_LIMIT: 403,
  SESSION_SEARCH: 503,
  SESSION_TOO_LARGE: 413,
  SESSION_FORMAT: 500,
  SESSION_STATE: 500,
};

/** What a visitor is told: what to do, and nothing about Redis, options or the program. */
const PUBLIC_MESSAGES: Record<SessionErrorCode, string> = {
  SESSION_CONFIG: 'Internal server error',
  SESSION_STORE: 'Sessions are not available at the moment. Try again shortly.',
  SESSION_GONE: 'The session has ended. Sign in again.',
  SESSION_CONFLICT: 'Another request changed the same data. Try again.',
  SESSION_LIMIT: 'You are signed in on too many devices. Sign out on another one first.',
  SESSION_SEARCH: 'The search is not available at the moment. Try again shortly.',
  SESSION_TOO_LARGE: 'There is no room for this. Remove something first.',
  SESSION_FORMAT: 'Internal server error',
  SESSION_STATE: 'Internal server error',
};

/**
 * The one error of this library. Its message says what happened, to which thing, and what to do; it never
 * carries a token, a stored value or the arguments of a command.
 *
 * A bad, unknown or expired cookie is no error: that visitor is a stranger.
 */
export class SessionError extends Error {
  /** Tells it from other errors also where two copies of this library are installed, and `instanceof` is `false`. */
  override readonly name = 'SessionError';

  /** The HTTP status that suits this error; Nest and Fastify look for it on any error. */
  readonly statusCode: number;
  /** The same as `statusCode`, under the name that Express looks for. */
  readonly status: number;
  /** Whether visitors may see the message. It is for logs where the status is 500 or 503: tell them {@link publicMessage}. */
  readonly expose: boolean;

  /**
   * For a repository or a {@link SessionSource} of your own.
   *
   * @param code what happened, for machines.
   * @param message what happened, to which thing, and what to do.
   * @param options `cause` is the error behind it, for logs.
   */
  constructor(
    readonly code: SessionErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.statusCode = this.status = HTTP_STATUS[code];
    this.expose = this.statusCode < 500;
  }

  /** One sentence for visitors. `message` is for logs: it tells what Redis said, and names options. */
  get publicMessage(): string {
    return PUBLIC_MESSAGES[this.code];
  }
}
