import type { RedisOptions } from 'ioredis';
import type { RedisClient } from './redis-client.js';

/** How long sessions live. Redis does the counting, so it also holds while no application is running. */
export interface SessionLifetimeOptions {
  /**
   * How long a session lives without a request, in seconds. Each request that asks for the session starts the
   * count anew; a session lives at least this long after it, and at most one touch interval longer.
   *
   * Default `1800`, half an hour: the upper end of what OWASP calls usual for low-risk applications.
   * Bounds: a whole number from 1 up, not above the absolute lifetime.
   *
   * @see https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#session-expiration
   */
  idleTimeoutSeconds?: number;

  /**
   * How long a session lives in all, however busy it is, in seconds. Signing in starts it anew.
   *
   * Default `43200`, twelve hours: a working day, within what NIST SP 800-63B-4 allows at its levels 1 to 3.
   * Bounds: a whole number from 1 to 34,560,000 (400 days, the longest that browsers keep a cookie).
   */
  absoluteTimeoutSeconds?: number;
}

/** The cookie that carries the token. It is always `HttpOnly`. */
export interface SessionCookieOptions {
  /** Default `__Host-id` where the cookie is `Secure`, has no domain and the path `/`; otherwise `id`. */
  name?: string;

  /** Send it over HTTPS only. Default: `true` when `NODE_ENV` is `production`. */
  secure?: boolean;

  /**
   * Default `lax`: the cookie comes along when somebody follows a link to your site, and not with requests that
   * other sites make. `none` needs `secure`.
   */
  sameSite?: 'lax' | 'strict' | 'none';

  /** Default: none, so that only the host that set the cookie gets it. A domain hands it to all subdomains. */
  domain?: string;

  /** Default `/`. */
  path?: string;
}

/** Options of `SessionModule.forRoot()`. */
export interface SessionOptions extends SessionLifetimeOptions {
  /**
   * Where Redis is. A URL or ioredis options: the client is made here, connects when it is first needed, and is
   * closed at shutdown. A `Redis` or `Cluster`, or a function that gives one: it is yours, so it is used as it is
   * and never closed.
   */
  redis: string | RedisOptions | RedisClient | (() => RedisClient | Promise<RedisClient>);

  /** In front of every key, for several applications in one Redis. Default: none. Braces are refused. */
  keyPrefix?: string;

  /**
   * How often a session that is read writes to Redis to slide its time to live, in seconds; `0` is at each request.
   *
   * Default: 1/60 of the idle timeout, at most 60. A shorter one costs one more command per request, a longer one
   * keeps idle sessions longer.
   */
  touchIntervalSeconds?: number;

  /**
   * The longest that a request waits for one answer of Redis, in milliseconds; then it is a 503. Default `500`.
   * Bounds: a whole number from 1 to 60,000.
   */
  storeTimeoutMs?: number;

  /** Lifetimes for users who asked to be remembered. Defaults: 7 days idle, 30 days in all (NIST level 1). */
  remember?: SessionLifetimeOptions;

  /** Default: see {@link SessionCookieOptions}. */
  cookie?: SessionCookieOptions;

  /**
   * Whether the address and the browser's name at sign-in are kept with the session, for the list of a user's
   * devices. Default `true`. They are personal data: say so in your privacy notice, or switch it off.
   */
  recordDevice?: boolean;
}
