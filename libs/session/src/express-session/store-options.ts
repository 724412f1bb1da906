import { SessionError } from '../session.errors.js';
import type { SessionOptions } from '../session.options.js';
import { SessionSettings } from '../session.settings.js';
import { assertKnownOptions, type OptionNames } from '../settings/known-options.js';

/** The longest that browsers keep a cookie, in seconds: 400 days. */
export const LONGEST_SECONDS = 34_560_000;

/** Options of `RedisSessionStore`. `S` is what your application keeps in `req.session`. */
// oxlint-disable-next-line typescript/no-explicit-any -- of which kind sessions are, only applications know.
export interface RedisSessionStoreOptions<S extends object = any> {
  /**
   * Where Redis is, as the option `redis` of the module: a URL or ioredis options, for a connection that `close()` ends;
   * or a client, or a function that gives one, which stays yours.
   */
  redis: SessionOptions['redis'];

  /** Gives user name and password at each connect, as the option of the module. Default: what `redis` says. */
  redisCredentials?: NonNullable<SessionOptions['redisCredentials']>;

  /**
   * In front of every key. Default: none, as with the module, so that `SessionService` of an application beside finds
   * these sessions. Another one keeps `all()`, `length()`, `ids()` and `clear()` from its sessions. Braces are refused.
   */
  keyPrefix?: string;

  /**
   * Whose session it is: the id of the user who is signed in, as a text of 1 to 512 characters, or nothing for a guest.
   * Called with `req.session` whenever it is saved; synchronous. Default: sessions belong to nobody, and no user's can be
   * listed or ended.
   */
  userId?: (session: S) => string | null | undefined;

  /**
   * How long a session lives without a request if its cookie has neither `maxAge` nor `expires`, in seconds. Default
   * `86400`, a day, as with connect-redis. Bounds: a whole number from 1 to 34,560,000.
   */
  ttlSeconds?: number;

  /** Whether a request that changes nothing leaves the time to live as it is. Default `false`. */
  disableTouch?: boolean;

  /**
   * Whether the address and the browser's name at sign-in are kept with the session, for lists of a user's devices.
   * Default `true`, where there is `userId`. They are personal data.
   */
  recordDevice?: boolean;

  /** The longest wait for one answer of Redis, in milliseconds. Default `500`. A whole number from 1 to 60,000. */
  storeTimeoutMs?: number;
}

const STORE_OPTIONS = {
  redis: 'value',
  redisCredentials: 'function',
  keyPrefix: 'value',
  userId: 'function',
  ttlSeconds: 'value',
  disableTouch: 'boolean',
  recordDevice: 'boolean',
  storeTimeoutMs: 'value',
} as const satisfies OptionNames<RedisSessionStoreOptions>;

/** The options with their defaults. */
export interface StoreSettings<S extends object> {
  readonly session: SessionSettings;
  readonly userId: (session: S) => string | null | undefined;
  readonly ttlMs: number;
  readonly isTouched: boolean;
  readonly recordsDevice: boolean;
}

/** @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be. */
export function storeSettingsOf<S extends object>(
  options: RedisSessionStoreOptions<S>,
): StoreSettings<S> {
  assertKnownOptions(options, STORE_OPTIONS, 'RedisSessionStore');
  const {
    redis,
    redisCredentials,
    keyPrefix = '',
    storeTimeoutMs = 500,
    ttlSeconds = 86_400,
  } = options;
  const { userId = () => undefined, disableTouch = false, recordDevice = true } = options;
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > LONGEST_SECONDS) {
    throw wrong('ttlSeconds', `a whole number from 1 to ${LONGEST_SECONDS}`);
  }
  // What a sign-out everywhere has voided stays void for as long as a session can live.
  const absoluteTimeoutSeconds = LONGEST_SECONDS;
  return {
    session: new SessionSettings({
      redis,
      keyPrefix,
      storeTimeoutMs,
      absoluteTimeoutSeconds,
      ...(redisCredentials && { redisCredentials }),
    }),
    userId,
    ttlMs: ttlSeconds * 1000,
    isTouched: !disableTouch,
    recordsDevice: recordDevice,
  };
}

function wrong(option: string, must: string): SessionError {
  return new SessionError('SESSION_CONFIG', `RedisSessionStore: ${option} must be ${must}.`);
}
