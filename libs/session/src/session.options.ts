import type { RedisOptions } from 'ioredis';
import { COOKIE_OPTIONS, type SessionCookieOptions } from './session-cookie.options.js';
import type { SessionData, StorableData } from './session-data.js';
import type { IndexDeclaration } from './index-declaration.js';
import type { RedisClient } from './redis-client.js';
import type { SessionSource } from './session-source.js';
import type { OptionNames } from './settings/known-options.js';

/** How long sessions live. Redis does the counting, so it also holds while no application is running. */
export interface SessionLifetimeOptions {
  /**
   * How long a session lives without a request, in seconds. Each request that asks for the session starts the
   * count anew; a session lives at least this long after it, and at most one touch interval longer.
   *
   * Default `1800`, half an hour: the upper end of what OWASP calls usual for low-risk applications.
   * Bounds: a whole number from 1 to `absoluteTimeoutSeconds`, its default included: for a longer idle timeout set both.
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

/** What tells the compiler that a function is not asynchronous. */
export interface NoPromise {
  /** A promise has it. */
  readonly then?: never;
}

/** What happens when a user who may not have more sessions signs in once more. */
export interface SessionLimitOptions {
  /** How many sessions a user may have at once. A whole number from 1 to 1,000. */
  limit: number;

  /**
   * `evict-least-recently-used` ends the session whose last request is the longest ago, exact to `touchIntervalSeconds`; of
   * equals the one that was signed in to first. Its next request is answered with `SESSION_EVICTED`.
   * `refuse` answers the sign-in with 403 and `SESSION_LIMIT`.
   */
  whenReached: 'evict-least-recently-used' | 'refuse';
}

/** Who an application is to Redis. */
export interface RedisCredentials {
  /** A user of Redis' ACL. Default: that of Redis without a name, `default`. */
  username?: string | undefined;
  /** The password, or a token that stands for one. */
  password: string;
}

/** Options of `SessionModule.forRoot()`. */
export interface SessionOptions extends SessionLifetimeOptions {
  /**
   * Where Redis is. A URL or ioredis options: the client is made here, connects when it is first needed (see
   * `examineAtStart`), and is closed at shutdown. A `Redis` or `Cluster`, or a function that gives one: it is yours,
   * so it is used as it is and never closed.
   *
   * Options of ioredis that have another default here: `connectTimeout` 1500 ms, from the attempt to the connection and from there
   * until it is ready; `sentinelCommandTimeout` 500 ms; `retryStrategy`, from 50 ms to 1.2 s at random. With these an application is
   * back within two seconds of its Redis. Set a longer `connectTimeout` where the way to Redis is long.
   */
  redis: string | RedisOptions | RedisClient | (() => RedisClient | Promise<RedisClient>);

  /**
   * Gives the user name and the password, for those that change while the application runs: a password that is rotated, or a token
   * of a cloud that is valid for minutes. Called before each attempt to connect, also of connections for durable writes and for events; never for
   * a connection that is open. Takes the place of what the URL or the options say. What it throws is not logged; then, and if it takes longer
   * than 5 seconds (or than `connectTimeout`, where `redis` has it), it is called again, while requests that need a session get 503.
   *
   * Only with a URL or ioredis options: a client of yours gets new ones from you, as `client.options.password`, and so do the connections
   * that are made here next to it. Default: what `redis` says.
   */
  redisCredentials?: () => RedisCredentials | Promise<RedisCredentials>;

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

  /**
   * The longest that `SessionSearch` waits for one answer of Redis Search, in milliseconds; Search itself is given four fifths
   * of it, and a part of an answer is an error. A `stream`, a `countBy` and a bulk operation take several answers. Default: `storeTimeoutMs`, because Search
   * works on the one main thread of Redis: a longer search may keep requests waiting for longer than they wait, and they get
   * 503. Bounds: a whole number from 1 to 60,000.
   */
  searchTimeoutMs?: number;

  /**
   * The longest that a sign-in, a sign-out or a revoke waits to be as durable as it was asked to be (`durable`), in
   * milliseconds; then it is a 503, after `storeTimeoutMs` more where Redis does not answer at all. Default `2000`: with `appendfsync everysec` the disk has a write after a second at
   * most, when it is not busy. Bounds: a whole number from 1 to 60,000.
   */
  durableTimeoutMs?: number;

  /**
   * How many replicas must have what was asked to be `durable: 'replica'`. Default `1`, which outlives a primary that dies if
   * the replica that has most takes its place: all replicas must have the same `replica-priority`, not `0`, and on a Cluster
   * `cluster-replica-no-failover` must be `no`. Otherwise set it to the number of all replicas, which a failover by command
   * needs, too: the old primary takes writes until it is told, and a replica that was not chosen says that it has them.
   * While one of them is away, nothing is durable then. Bounds: a whole number from 1 to 100.
   */
  durableReplicas?: number;

  /** Lifetimes for users who asked to be remembered. Defaults: 7 days idle, 30 days in all (NIST level 1). */
  remember?: SessionLifetimeOptions;

  /**
   * Holds the lifetimes to a level of NIST SP 800-63B-4: they default to its limits, and longer ones are refused.
   *
   * | level | without a request | in all |
   * | --- | --- | --- |
   * | `aal1` | – | 30 days |
   * | `aal2` | 1 hour | 24 hours |
   * | `aal3` | 15 minutes | 12 hours |
   *
   * Default: none, and the defaults of the lifetimes hold.
   *
   * @see https://pages.nist.gov/800-63-4/sp800-63b.html
   */
  assurance?: 'aal1' | 'aal2' | 'aal3';

  /**
   * How old a token gets before a request replaces it, in seconds. The old one leads to the session until the new one was
   * seen, so that a lost answer signs no user out, and for ten seconds in any case, for requests under way at that moment; it
   * never does after a sign-in. So a stolen token is worth something until the next request of the user it was stolen from.
   *
   * Default: never. A token is replaced whenever somebody signs in or calls `renew()` in any case.
   * Bounds: a whole number from 60 up.
   */
  renewIntervalSeconds?: number;

  /** How many sessions a user may have at once. Default: any number. */
  maxSessionsPerUser?: SessionLimitOptions;

  /**
   * How long the JSON text of one field may be, in bytes. Default `65536`: a session is read with every request, and
   * Redis does nothing else while it reads one. Bounds: a whole number from 1 to 1,048,576. A longer value is refused
   * with `SESSION_TOO_LARGE` (413) where it is set.
   */
  maxFieldBytes?: number;

  /**
   * How long the names and texts of all fields may be together, in bytes. Default `262144`. Bounds: a whole number from 1 to
   * 16,777,216. More is refused with `SESSION_TOO_LARGE` (413) when the request ends; making a session smaller never is.
   */
  maxSessionBytes?: number;

  /**
   * Decides what of a guest's session goes along when they sign in: gets the guest's fields, gives those to keep.
   * Synchronous: a promise is refused with `SESSION_STATE` when a guest signs in. Default: everything goes along.
   */
  mergeGuest?: (guest: Partial<SessionData>, userId: string) => Partial<StorableData> & NoPromise;

  /**
   * Where visitors have sessions from before this library was used. A request that has no session here, and asks for
   * one, begins with what its visitor had there, signed in as they were. `connectRedisSessions()` of
   * `nestjs-redis-session/express-session` makes one. Default: none.
   */
  adoptFrom?: SessionSource;

  /**
   * How the token travels. `header` is for clients without cookies: they send it as `X-Session-Token`, and find a new
   * one in a response header of that name (an empty one says that the session ended). Default `cookie`. A script can read a
   * header, so an injected one can steal the token.
   *
   * `both` takes either, and answers the way the token came. A session that begins gets a cookie, unless the request has the
   * header: a client without cookies sends an empty one until it has a token. Where both name a live session, that of the header
   * is used, and the other one is left alone.
   */
  token?: 'cookie' | 'header' | 'both';

  /** Default: see {@link SessionCookieOptions}. */
  cookie?: SessionCookieOptions;

  /**
   * Whether the address and the browser's name at sign-in are kept with the session, for the list of a user's
   * devices. Default `true`. They are personal data: say so in your privacy notice, or switch it off.
   */
  recordDevice?: boolean;

  /**
   * What `SessionSearch` can ask for, across all sessions: the fields of an index in Redis Search, each read from one
   * field of the session, made by `tag`, `tags`, `numeric` and `text`.
   *
   * `index: { tenant: tag('tenant'), products: tags('cart', (cart) => cart.map((line) => line.sku)) }`.
   *
   * `userId`, `createdAt`, `signedInAt` and `ip` are always there. Default: no index, and nothing is written for one.
   * Needs Redis 8 or Redis Stack; without it sessions work as ever, and only `SessionSearch` throws.
   */
  index?: IndexDeclaration;

  /**
   * Whether the application makes the index at its start, fills it with the sessions that are there and removes one
   * that no running instance uses any more. Default `true`. With `false`, for users of Redis who may not do that,
   * call `SessionSearch.prepare()` from a place that may.
   */
  prepareIndexAtStart?: boolean;

  /**
   * Whether a site looks at its Redis once when it starts, in the background, and writes a warning into the log for
   * what will lose sessions: eviction, no persistence, a save that failed, a memory that is nearly full. One `INFO` for
   * each server. Options of a client in `redis` are looked at too, without a command; its `retryStrategy` is called once. Default `true`.
   */
  examineAtStart?: boolean;
}

const LIFETIME_OPTIONS = {
  idleTimeoutSeconds: 'value',
  absoluteTimeoutSeconds: 'value',
} as const satisfies OptionNames<SessionLifetimeOptions>;

/** The names of all options; any other name is refused at start. */
export const SESSION_OPTIONS = {
  ...LIFETIME_OPTIONS,
  redis: 'value',
  redisCredentials: 'function',
  keyPrefix: 'value',
  touchIntervalSeconds: 'value',
  storeTimeoutMs: 'value',
  searchTimeoutMs: 'value',
  durableTimeoutMs: 'value',
  durableReplicas: 'value',
  remember: LIFETIME_OPTIONS,
  assurance: 'value',
  renewIntervalSeconds: 'value',
  maxSessionsPerUser: { limit: 'value', whenReached: 'value' },
  maxFieldBytes: 'value',
  maxSessionBytes: 'value',
  mergeGuest: 'function',
  adoptFrom: 'value',
  token: 'value',
  cookie: COOKIE_OPTIONS,
  recordDevice: 'boolean',
  index: 'value',
  prepareIndexAtStart: 'boolean',
  examineAtStart: 'boolean',
} as const satisfies OptionNames<SessionOptions>;
