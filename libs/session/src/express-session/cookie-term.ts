import type { Term } from '../redis/sessions-apart.js';
import { LONGEST_SECONDS } from './store-options.js';

/** What express-session keeps of a cookie, as far as it concerns how long a session lives. */
export interface StoredCookie {
  readonly originalMaxAge?: unknown;
  readonly expires?: unknown;
}

/** What a text of a session may differ by because two readings of a clock do. */
const TICK_MS = 10;

/**
 * How long a session lives from now on. Without an end of its own as long as `ttlMs`, and never longer than a browser keeps
 * a cookie. A request need not write before 1/60 of that is over, or a minute, by which a session can live longer.
 *
 * @returns `undefined` when its time is over.
 */
export function termOf(cookie: StoredCookie | undefined, ttlMs: number): Term | undefined {
  const { expires } = cookie ?? {};
  const end = expires ? new Date(expires as string | Date).getTime() : NaN;
  const leftMs = Number.isNaN(end) ? ttlMs : Math.ceil(end - Date.now());
  if (leftMs <= 0) return undefined;
  const idleMs = Math.min(leftMs, LONGEST_SECONDS * 1000);
  return { idleMs, slackMs: Math.min(60_000, Math.floor(idleMs / 60)) };
}

/**
 * A cookie as it is stored. When it expires moves with each request, and follows from `originalMaxAge` and when the session
 * was last used; so it is kept only where there is no `originalMaxAge`.
 *
 * @param cookie as JSON has it. @param stored what Redis holds.
 */
export function cookieText(cookie: StoredCookie, stored: string | undefined): string {
  const { expires: _expires, ...rest } = cookie;
  const text = JSON.stringify(isSliding(cookie) ? rest : cookie);
  return stored !== undefined && isTick(rest, stored) ? stored : text;
}

/** @param endsAt when the session ends if no further request comes, by the clock here. */
export function cookieOfText(value: unknown, endsAt: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const cookie = value as StoredCookie;
  if (!isSliding(cookie)) return cookie;
  return { ...cookie, expires: new Date(endsAt).toISOString() };
}

function isSliding({ originalMaxAge }: StoredCookie): boolean {
  return typeof originalMaxAge === 'number';
}

/**
 * Whether express-session has only lost a moment: it computes `originalMaxAge` anew at each request, with a clock that may
 * tick in between.
 */
function isTick(cookie: StoredCookie, stored: string): boolean {
  if (!isSliding(cookie)) return false;
  const before = JSON.parse(stored) as StoredCookie | null;
  const lostMs = Number(before?.originalMaxAge) - Number(cookie.originalMaxAge);
  if (!(lostMs > 0 && lostMs <= TICK_MS)) return false;
  return JSON.stringify({ ...cookie, originalMaxAge: before?.originalMaxAge }) === stored;
}
