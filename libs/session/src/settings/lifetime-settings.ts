import type { SessionLifetimeOptions, SessionOptions } from '../session.options.js';
import { wrong } from './wrong-option.js';

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
  if (assurance !== undefined && !Object.hasOwn(LIMITS, assurance)) {
    throw wrong('assurance', assurance, '"aal1", "aal2" or "aal3"');
  }
  const limit = assurance ? LIMITS[assurance] : NO_LIMIT;
  const usual = { idleSeconds: 1800, absoluteSeconds: DAY / 2 };
  const remembered = { idleSeconds: 7 * DAY, absoluteSeconds: 30 * DAY };
  return {
    usual: lifetimeOf(options, '', usual, limit, assurance),
    remembered: lifetimeOf(options.remember ?? {}, 'remember.', remembered, limit, assurance),
  };
}

function lifetimeOf(
  { idleTimeoutSeconds: idle, absoluteTimeoutSeconds: absolute }: SessionLifetimeOptions,
  place: string,
  defaults: Lifetime,
  limit: Lifetime,
  assurance: SessionOptions['assurance'],
): Lifetime {
  // A default is shortened to fit what was given and the level of assurance, and never made longer.
  const absoluteSeconds = absolute ?? Math.min(defaults.absoluteSeconds, limit.absoluteSeconds);
  const longest = [
    { seconds: MAX_COOKIE_AGE_SECONDS, reason: 'the longest that browsers keep a cookie' },
    { seconds: limit.absoluteSeconds, reason: `the limit of assurance "${assurance}"` },
  ];
  assertSeconds(`${place}absoluteTimeoutSeconds`, absoluteSeconds, longest);
  const idleSeconds = idle ?? Math.min(defaults.idleSeconds, absoluteSeconds, limit.idleSeconds);
  const whatItIs = absolute === undefined ? 'the default of' : 'the value of';
  assertSeconds(`${place}idleTimeoutSeconds`, idleSeconds, [
    { seconds: absoluteSeconds, reason: `${whatItIs} ${place}absoluteTimeoutSeconds` },
    { seconds: limit.idleSeconds, reason: `the limit of assurance "${assurance}"` },
  ]);
  return { idleSeconds, absoluteSeconds };
}

/** @param bounds the upper bounds, each with what it comes from; the message names the lowest. */
function assertSeconds(
  option: string,
  value: number,
  bounds: readonly { seconds: number; reason: string }[],
): void {
  const lowest = bounds.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  if (Number.isSafeInteger(value) && value >= 1 && value <= lowest.seconds) return;
  const must = `a whole number of seconds from 1 to ${lowest.seconds}, ${lowest.reason}`;
  throw wrong(option, value, must);
}
