import { createHmac } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { assertSynchronous } from '../core/synchronous.js';
import { openConnection } from '../redis/open-connection.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { isWrongType } from '../redis/store-error.js';
import type { SessionData } from '../session-data.js';
import { SessionError } from '../session.errors.js';
import { COOKIE_OPTIONS, type SessionCookieOptions } from '../session-cookie.options.js';
import type { SessionOptions } from '../session.options.js';
import { SessionSettings } from '../session.settings.js';
import type { FormerSession, SessionSource, SourceRequest } from '../session-source.js';
import { cookieOf, type CookieSettings } from '../settings/cookie-settings.js';
import { assertKnownOptions, type OptionNames } from '../settings/known-options.js';
import { oldSessionOf } from './old-session.js';
import { readText } from './read-text.js';
import { readSignedCookie, type SignedId } from './signed-cookie.js';

const MAX_BYTES = 1_048_576;

/** Options of `connectRedisSessions()`. `Old` is what your application kept in `req.session`. */
export interface ConnectRedisOptions<Old> {
  /** Where connect-redis has its keys: as the option `redis` of the module. A connection made here is closed at shutdown. */
  redis: SessionOptions['redis'];

  /** Gives user name and password at each connect, as the option of the module. Default: what `redis` says. */
  redisCredentials?: NonNullable<SessionOptions['redisCredentials']>;

  /** The option `secret` of express-session. Of several each is tried. */
  secret: string | readonly string[];

  /** The option `prefix` of connect-redis. Default `sess:`. */
  prefix?: string;

  /** How express-session named and set its cookie, so that it can be cleared. Default name: `connect.sid`. */
  cookie?: SessionCookieOptions;

  /** The id of the user who was signed in, as a text; `undefined` for a guest. */
  userId: (old: Old) => string | undefined;

  /** What is kept. Default: everything but `cookie`. */
  fields?: (old: Old) => Partial<SessionData>;

  /** Whether the user had asked to be remembered. Default: no. */
  isRemembered?: (old: Old) => boolean;

  /**
   * When the user signed in, in epoch milliseconds, if your application has kept that. Default: unknown, and then every
   * sign-out everywhere refuses the session.
   */
  authenticatedAt?: (old: Old) => number | undefined;

  /** As the option of the module. Default `500`. */
  storeTimeoutMs?: number;
}

const CONNECT_REDIS_OPTIONS = {
  redis: 'value',
  redisCredentials: 'function',
  secret: 'value',
  prefix: 'value',
  cookie: COOKIE_OPTIONS,
  userId: 'function',
  fields: 'function',
  isRemembered: 'function',
  authenticatedAt: 'function',
  storeTimeoutMs: 'value',
} as const satisfies OptionNames<ConnectRedisOptions<object>>;

/**
 * The sessions that express-session has kept by connect-redis, for the option `adoptFrom`.
 *
 * ```ts
 * import { SessionModule } from 'nestjs-redis-session';
 * import { connectRedisSessions } from 'nestjs-redis-session/express-session';
 *
 * const redis = 'redis://localhost:6379';
 *
 * interface OldSession {
 *   passport?: { user?: number };
 * }
 *
 * export const sessions = SessionModule.forRoot({
 *   redis,
 *   adoptFrom: connectRedisSessions({
 *     redis,
 *     secret: process.env.SESSION_SECRET ?? '',
 *     userId: ({ passport }: OldSession) => passport?.user?.toString(),
 *   }),
 * });
 * ```
 *
 * @throws {SessionError} `SESSION_CONFIG` for an option that is wrong.
 */
export function connectRedisSessions<Old extends object = Record<string, unknown>>(
  options: ConnectRedisOptions<Old>,
): SessionSource {
  return new ConnectRedisSessions(options);
}

class ConnectRedisSessions<Old extends object> implements SessionSource {
  readonly #logger = new Logger('Session');
  readonly cookie: CookieSettings;
  readonly #secrets: readonly string[];
  readonly #prefix: string;
  readonly #settings: SessionSettings;
  #connection: Promise<RedisConnection> | undefined;

  readonly #options: ConnectRedisOptions<Old>;

  constructor(options: ConnectRedisOptions<Old>) {
    assertKnownOptions(options, CONNECT_REDIS_OPTIONS, 'connectRedisSessions');
    if (options.userId === undefined) throw withoutUserId();
    this.#options = options;
    const {
      redis,
      redisCredentials,
      storeTimeoutMs = 500,
      prefix = 'sess:',
      cookie,
      secret,
    } = options;
    this.#settings = new SessionSettings({
      redis,
      storeTimeoutMs,
      ...(redisCredentials && { redisCredentials }),
    });
    this.cookie = cookieOf({ name: 'connect.sid', ...cookie }, 'adoptFrom.cookie');
    this.#secrets = secretsOf(secret);
    this.#prefix = prefix;
  }

  async find(request: SourceRequest): Promise<FormerSession | undefined> {
    const signed = this.#idOf(request);
    const old = signed && (await this.#read(signed));
    return old && this.#former(signed, old);
  }

  async end(request: SourceRequest, afterSeconds: number): Promise<boolean> {
    const signed = this.#idOf(request);
    if (!signed) return false;
    const key = this.#prefix + signed.sid;
    const connection = await this.#connect();
    await connection.send((client) =>
      // LT: asking again and again does not keep it.
      afterSeconds > 0 ? client.call('EXPIRE', key, afterSeconds, 'LT') : client.call('DEL', key),
    );
    return true;
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await (await connection)?.close();
  }

  #idOf({ headers }: SourceRequest): SignedId | undefined {
    return readSignedCookie(headers.cookie, this.cookie.name, this.#secrets);
  }

  async #read({ sid }: SignedId): Promise<Old | undefined> {
    const key = this.#prefix + sid;
    const connection = await this.#connect();
    const stored = await connection
      .send((client) => readText(client, key, MAX_BYTES))
      .catch((error: unknown) => {
        if (isWrongType(error)) return 'foreign' as const;
        throw error;
      });
    const old = typeof stored === 'object' ? oldSessionOf<Old>(stored) : stored;
    if (old !== 'foreign') return old;
    this.#logger.warn(
      `What is under the key of an old session is no session that connect-redis has stored as JSON, or is larger than ${MAX_BYTES} bytes, so its visitor is a stranger.`,
    );
    return undefined;
  }

  #former({ sid, secret }: SignedId, old: Old): FormerSession {
    const { userId, fields = withoutCookie, isRemembered, authenticatedAt } = this.#options;
    return {
      secret: createHmac('sha256', secret).update(`nestjs-redis-session:${sid}`).digest('base64'),
      userId: given('userId', userId(old)),
      fields: given('fields', fields(old)),
      isRemembered: given('isRemembered', isRemembered?.(old)),
      authenticatedAt: given('authenticatedAt', authenticatedAt?.(old)),
    };
  }

  #connect(): Promise<RedisConnection> {
    this.#connection ??= openConnection(this.#settings).catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }
}

function given<T>(option: string, value: T): T {
  assertSynchronous(value, `connectRedisSessions: the option ${option}`);
  return value;
}

function withoutCookie(old: object): Partial<SessionData> {
  return Object.fromEntries(Object.entries(old).filter(([name]) => name !== 'cookie'));
}

/** @throws {SessionError} `SESSION_CONFIG`; the message does not repeat them. */
function secretsOf(secret: string | readonly string[]): readonly string[] {
  const secrets = typeof secret === 'string' ? [secret] : secret;
  const isRight = Array.isArray(secrets) && secrets.length > 0 && secrets.every(isSecret);
  if (isRight) return secrets;
  throw new SessionError(
    'SESSION_CONFIG',
    'connectRedisSessions: secret must be the secret of express-session, a text that is not empty, or several.',
  );
}

function withoutUserId(): SessionError {
  return new SessionError(
    'SESSION_CONFIG',
    'connectRedisSessions: userId is missing. It must be a function that gives the id of the user, such as (old) => old.passport?.user.',
  );
}

function isSecret(secret: unknown): boolean {
  return typeof secret === 'string' && secret !== '';
}
