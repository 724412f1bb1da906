import { SessionError } from './session.errors.js';
import type {
  SessionCookieOptions,
  SessionLifetimeOptions,
  SessionOptions,
} from './session.options.js';

const MAX_COOKIE_AGE_SECONDS = 34_560_000;
const DAY = 86_400;

/** A lifetime as the scripts take it, in seconds. */
export interface Lifetime {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
}

type CookieSettings = Required<Omit<SessionCookieOptions, 'domain'>> & {
  readonly domain: string | undefined;
};

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

function cookieOf(options: SessionCookieOptions): CookieSettings {
  const {
    secure = process.env.NODE_ENV === 'production',
    sameSite = 'lax',
    domain,
    path = '/',
  } = options;
  const isHostOnly = secure && domain === undefined && path === '/';
  const name = options.name ?? (isHostOnly ? '__Host-id' : 'id');
  if (typeof secure !== 'boolean') throw wrong('cookie.secure', secure, 'true or false');
  if (!['lax', 'strict', 'none'].includes(sameSite)) {
    throw wrong('cookie.sameSite', sameSite, '"lax", "strict" or "none"');
  }
  // RFC 6265: a cookie name is a token; attribute values must not end the attribute.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
    throw wrong('cookie.name', name, 'a cookie name (RFC 6265)');
  if (!/^\/[^;,\s]*$/.test(path)) throw wrong('cookie.path', path, 'a path that begins with /');
  if (domain !== undefined && !/^[a-z0-9.-]+$/i.test(domain)) {
    throw wrong('cookie.domain', domain, 'a host name');
  }
  if (sameSite === 'none' && !secure) {
    throw wrong(
      'cookie.sameSite',
      sameSite,
      '"lax" or "strict" while cookie.secure is false: browsers drop it otherwise',
    );
  }
  // Browsers match the prefixes without regard to case, and drop a cookie that breaks their rules.
  if (/^__host-/i.test(name) && !isHostOnly) {
    throw wrong(
      'cookie.name',
      name,
      'without the prefix, or have secure: true, path "/" and no domain',
    );
  }
  if (/^__secure-/i.test(name) && !secure) {
    throw wrong('cookie.name', name, 'without the prefix, or have secure: true');
  }
  return { name, secure, sameSite, domain, path };
}

function whole(option: string, value: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return;
  throw wrong(option, value, `a whole number from 1 to ${max}`);
}

function wrong(option: string, value: unknown, must: string): SessionError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  // A URL may hold a password.
  const is = option === 'redis' ? typeof value : shown;
  return new SessionError(
    'SESSION_CONFIG',
    `SessionModule: ${option} is ${is}. It must be ${must}.`,
  );
}
