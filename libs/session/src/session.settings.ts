import { INSPECT, type Inspect } from './inspect.js';
import { SessionError } from './session.errors.js';
import { type CookieSettings, cookieOf } from './settings/cookie-settings.js';
import { indexOf } from './settings/index-settings.js';
import { assertKnownOptions } from './settings/known-options.js';
import { type Lifetime, lifetimesOf } from './settings/lifetime-settings.js';
import { assertRedisUrl } from './settings/redis-url.js';
import { whole, wrong } from './settings/wrong-option.js';
import {
  SESSION_OPTIONS,
  type SessionLimitOptions,
  type SessionOptions,
} from './session.options.js';

export type { Lifetime };

const SECRETS: readonly string[] = ['adoptFrom'] satisfies (keyof SessionSettings)[];

/** The options with every default filled in, checked once at start. Type and injection token. */
export class SessionSettings {
  readonly #redis: SessionOptions['redis'];
  readonly redisCredentials: SessionOptions['redisCredentials'];
  readonly keyPrefix: string;
  readonly lifetime: Lifetime;
  readonly rememberedLifetime: Lifetime;
  /** How long any session can live at most. */
  readonly longestLifeMs: number;
  readonly touchIntervalMs: number;
  readonly storeTimeoutMs: number;
  readonly searchTimeoutMs: number;
  readonly durableTimeoutMs: number;
  readonly durableReplicas: number;
  /** `Infinity` where tokens do not age. */
  readonly renewIntervalMs: number;
  readonly userLimit: SessionLimitOptions | undefined;
  readonly maxFieldBytes: number;
  readonly maxSessionBytes: number;
  readonly mergeGuest: SessionOptions['mergeGuest'];
  readonly adoptFrom: SessionOptions['adoptFrom'];
  readonly carriers: readonly ('header' | 'cookie')[];
  readonly cookie: CookieSettings;
  readonly recordDevice: boolean;
  readonly index: SessionOptions['index'];
  readonly preparesIndexAtStart: boolean;
  readonly examinesAtStart: boolean;

  /** @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be. */
  constructor(options: SessionOptions) {
    assertKnownOptions(options, SESSION_OPTIONS, 'SessionModule');
    this.#redis = redisOf(options);
    this.redisCredentials = credentialsOf(options);
    this.keyPrefix = keyPrefixOf(options);
    const { usual, remembered } = lifetimesOf(options);
    this.lifetime = usual;
    this.rememberedLifetime = remembered;
    this.longestLifeMs = Math.max(usual.absoluteSeconds, remembered.absoluteSeconds) * 1000;
    this.touchIntervalMs = touchIntervalOf(options, this.lifetime) * 1000;
    this.storeTimeoutMs = options.storeTimeoutMs ?? 500;
    whole('storeTimeoutMs', this.storeTimeoutMs, 60_000);
    this.searchTimeoutMs = options.searchTimeoutMs ?? this.storeTimeoutMs;
    whole('searchTimeoutMs', this.searchTimeoutMs, 60_000);
    this.durableTimeoutMs = options.durableTimeoutMs ?? 2000;
    whole('durableTimeoutMs', this.durableTimeoutMs, 60_000);
    this.durableReplicas = options.durableReplicas ?? 1;
    whole('durableReplicas', this.durableReplicas, 100);
    this.renewIntervalMs = renewIntervalOf(options) * 1000;
    this.userLimit = userLimitOf(options);
    this.maxFieldBytes = options.maxFieldBytes ?? 65_536;
    whole('maxFieldBytes', this.maxFieldBytes, 1_048_576);
    this.maxSessionBytes = options.maxSessionBytes ?? 262_144;
    whole('maxSessionBytes', this.maxSessionBytes, 16_777_216);
    this.mergeGuest = options.mergeGuest;
    this.adoptFrom = sourceOf(options);
    this.carriers = carriersOf(options);
    this.cookie = cookieOf(options.cookie ?? {});
    this.recordDevice = options.recordDevice ?? true;
    this.index = indexOf(options);
    this.preparesIndexAtStart = options.prepareIndexAtStart ?? true;
    this.examinesAtStart = options.examineAtStart ?? true;
  }

  /** Not a property of its own, which would be printed: a URL or a client holds a password. */
  get redis(): SessionOptions['redis'] {
    return this.#redis;
  }

  /** What may be printed: a source of sessions may hold a secret. */
  toJSON(): object {
    return Object.fromEntries(Object.entries(this).filter(([name]) => !SECRETS.includes(name)));
  }

  /** @internal */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return `SessionSettings ${inspect(this.toJSON(), options)}`;
  }
}

function redisOf({ redis }: SessionOptions): SessionOptions['redis'] {
  const isObject = typeof redis === 'object' && redis !== null && !Array.isArray(redis);
  if (typeof redis === 'string') assertRedisUrl(redis);
  if (isObject && !('hgetall' in redis)) assertIoredisOptions(redis);
  if ((redis && typeof redis === 'string') || isObject || typeof redis === 'function') return redis;
  throw wrong(
    'redis',
    redis,
    'a URL such as redis://localhost:6379, ioredis options, a client, or a function that gives one',
  );
}

function credentialsOf({ redis, redisCredentials }: SessionOptions): typeof redisCredentials {
  const isHandedIn =
    typeof redis === 'function' || (typeof redis === 'object' && 'hgetall' in redis);
  if (!redisCredentials || !isHandedIn) return redisCredentials;
  throw new SessionError(
    'SESSION_CONFIG',
    'SessionModule: redisCredentials is for a client that is made here, and redis is a client, or a function that gives one. Pass a URL or ioredis options as redis, or set options.password of your client when the password changes.',
  );
}

/** ioredis ignores what it does not know, and would connect to localhost. These are options of other clients. */
function assertIoredisOptions(redis: object): void {
  const name = ['url', 'uri', 'socket'].find((other) => other in redis);
  if (name === undefined) return;
  throw new SessionError(
    'SESSION_CONFIG',
    `SessionModule: redis.${name} is no option of ioredis. Pass the URL itself, such as redis: 'redis://localhost:6379', or { host, port }.`,
  );
}

function keyPrefixOf({ keyPrefix = '' }: SessionOptions): string {
  if (typeof keyPrefix === 'string' && !/[{}]/.test(keyPrefix)) return keyPrefix;
  throw wrong(
    'keyPrefix',
    keyPrefix,
    'a text without braces, which would move keys to other slots of a Cluster',
  );
}

function touchIntervalOf(
  { touchIntervalSeconds }: SessionOptions,
  { idleSeconds }: Lifetime,
): number {
  const seconds = touchIntervalSeconds ?? Math.min(60, Math.ceil(idleSeconds / 60));
  if (Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= idleSeconds) return seconds;
  throw wrong(
    'touchIntervalSeconds',
    seconds,
    `a whole number from 0 to ${idleSeconds}, the idle timeout`,
  );
}

function renewIntervalOf({ renewIntervalSeconds: seconds }: SessionOptions): number {
  if (seconds === undefined) return Infinity;
  if (Number.isSafeInteger(seconds) && seconds >= 60) return seconds;
  throw wrong('renewIntervalSeconds', seconds, 'a whole number from 60 up, or left out');
}

function userLimitOf({ maxSessionsPerUser }: SessionOptions): SessionLimitOptions | undefined {
  if (maxSessionsPerUser === undefined) return undefined;
  const { limit, whenReached } = maxSessionsPerUser;
  whole('maxSessionsPerUser.limit', limit, 1000);
  if (['evict-least-recently-used', 'refuse'].includes(whenReached)) return { limit, whenReached };
  throw wrong(
    'maxSessionsPerUser.whenReached',
    whenReached,
    '"evict-least-recently-used" or "refuse"',
  );
}

function sourceOf({ adoptFrom: source }: SessionOptions): SessionOptions['adoptFrom'] {
  if (source === undefined) return undefined;
  if (typeof source?.find === 'function' && typeof source.end === 'function' && source.cookie) {
    return source;
  }
  throw wrong('adoptFrom', typeof source, 'a source of sessions, such as connectRedisSessions(…)');
}

function carriersOf({ token = 'cookie' }: SessionOptions): ('header' | 'cookie')[] {
  if (token === 'both') return ['header', 'cookie'];
  if (token === 'header' || token === 'cookie') return [token];
  throw wrong('token', token, '"cookie", "header" or "both"');
}
