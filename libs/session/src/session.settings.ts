import { type CookieSettings, cookieOf } from './settings/cookie-settings.js';
import { whole, wrong } from './settings/wrong-option.js';
import type { SessionLifetimeOptions, SessionOptions } from './session.options.js';

const MAX_COOKIE_AGE_SECONDS = 34_560_000;
const DAY = 86_400;

/** A lifetime as the scripts take it, in seconds. */
export interface Lifetime {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
}

/** The options with every default filled in, checked once at start. Type and injection token. */
export class SessionSettings {
  readonly redis: SessionOptions['redis'];
  readonly keyPrefix: string;
  readonly lifetime: Lifetime;
  readonly rememberedLifetime: Lifetime;
  readonly touchIntervalMs: number;
  readonly storeTimeoutMs: number;
  readonly cookie: CookieSettings;
  readonly recordDevice: boolean;

  /** @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be. */
  constructor(options: SessionOptions) {
    this.redis = redisOf(options);
    this.keyPrefix = keyPrefixOf(options);
    this.lifetime = lifetimeOf(options, '', { idleSeconds: 1800, absoluteSeconds: DAY / 2 });
    this.rememberedLifetime = lifetimeOf(options.remember ?? {}, 'remember.', {
      idleSeconds: 7 * DAY,
      absoluteSeconds: 30 * DAY,
    });
    this.touchIntervalMs = touchIntervalOf(options, this.lifetime) * 1000;
    this.storeTimeoutMs = options.storeTimeoutMs ?? 500;
    whole('storeTimeoutMs', this.storeTimeoutMs, 60_000);
    this.cookie = cookieOf(options.cookie ?? {});
    this.recordDevice = options.recordDevice ?? true;
  }
}

function redisOf(options: SessionOptions | undefined): SessionOptions['redis'] {
  const redis = options?.redis;
  if (redis && ['string', 'object', 'function'].includes(typeof redis)) return redis;
  throw wrong(
    'redis',
    redis,
    'a URL such as redis://localhost:6379, ioredis options, a client, or a function that gives one',
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

function lifetimeOf(options: SessionLifetimeOptions, place: string, defaults: Lifetime): Lifetime {
  const { idleTimeoutSeconds: idle, absoluteTimeoutSeconds: absolute } = options;
  if (idle !== undefined) whole(`${place}idleTimeoutSeconds`, idle, MAX_COOKIE_AGE_SECONDS);
  // A default never contradicts the one that was given.
  const idleSeconds = idle ?? Math.min(defaults.idleSeconds, absolute ?? Infinity);
  const absoluteSeconds = absolute ?? Math.max(defaults.absoluteSeconds, idleSeconds);
  whole(`${place}absoluteTimeoutSeconds`, absoluteSeconds, MAX_COOKIE_AGE_SECONDS);
  whole(`${place}idleTimeoutSeconds`, idleSeconds, absoluteSeconds);
  return { idleSeconds, absoluteSeconds };
}
