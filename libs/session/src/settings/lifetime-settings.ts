import type { SessionLifetimeOptions, SessionOptions } from '../session.options.js';
import { whole, wrong } from './wrong-option.js';

/** No session lives longer: browsers keep no cookie for more than 400 days. */
export const MAX_COOKIE_AGE_SECONDS = 34_560_000;
const DAY = 86_400;

/** A lifetime as the scripts take it, in seconds. */
export interface Lifetime {
  /** It ends when no request has come for so long. */
  readonly idleSeconds: number;
  /** It ends so long after the sign-in, whatever comes. */
  readonly absoluteSeconds: number;
}

/** NIST SP 800-63B-4, sections 2.1.3, 2.2.3 and 2.3.3. */
const LIMITS: Record<NonNullable<SessionOptions['assurance']>, Lifetime> = {
  aal1: { idleSeconds: 30 * DAY, absoluteSeconds: 30 * DAY },
  aal2: { idleSeconds: 3600, absoluteSeconds: DAY },
  aal3: { idleSeconds: 900, absoluteSeconds: DAY / 2 },
};
const NO_LIMIT: Lifetime = { idleSeconds: Infinity, absoluteSeconds: Infinity };

/** @throws {SessionError} `SESSION_CONFIG` for lifetimes that contradict each other or the level of assurance. */
export function lifetimesOf(options: SessionOptions): { usual: Lifetime; remembered: Lifetime } {
  const { assurance } = options;
  if (assurance !== undefined && !(assurance in LIMITS)) {
    throw wrong('assurance', assurance, '"aal1", "aal2" or "aal3"');
  }
  const limit = assurance ? LIMITS[assurance] : NO_LIMIT;
  const usual = { idleSeconds: 1800, absoluteSeconds: DAY / 2 };
  const remembered = { idleSeconds: 7 * DAY, absoluteSeconds: 30 * DAY };
  return {
    usual: lifetimeOf(options, '', usual, limit),
    remembered: lifetimeOf(options.remember ?? {}, 'remember.', remembered, limit),
  };
}

function lifetimeOf(
  { idleTimeoutSeconds: idle, absoluteTimeoutSeconds: absolute }: SessionLifetimeOptions,
  place: string,
  defaults: Lifetime,
  limit: Lifetime,
): Lifetime {
  if (idle !== undefined) whole(`${place}idleTimeoutSeconds`, idle, MAX_COOKIE_AGE_SECONDS);
  // A default never contradicts what was given, nor the level of assurance.
  const idleSeconds =
    idle ?? Math.min(defaults.idleSeconds, absolute ?? Infinity, limit.idleSeconds);
  const absoluteSeconds =
    absolute ?? Math.min(Math.max(defaults.absoluteSeconds, idleSeconds), limit.absoluteSeconds);
  const maxAbsolute = Math.min(limit.absoluteSeconds, MAX_COOKIE_AGE_SECONDS);
  whole(`${place}absoluteTimeoutSeconds`, absoluteSeconds, maxAbsolute);
  whole(`${place}idleTimeoutSeconds`, idleSeconds, Math.min(absoluteSeconds, limit.idleSeconds));
  return { idleSeconds, absoluteSeconds };
}
