import type { IncomingHttpHeaders } from 'node:http';
import { isToken, type SessionToken } from '../core/token.js';
import type { SessionSettings } from '../session.settings.js';
import { type CookieSettings, isSameScope } from '../settings/cookie-settings.js';
import { clearCookie, readCookies, setCookie } from './cookie.js';

/** The header that carries the token to and from clients without cookies. */
const TOKEN_HEADER = 'X-Session-Token';

type Header = [name: string, value: string];
type Carriers = Pick<SessionSettings, 'carriers' | 'cookie'>;

/** What carries a token. */
export type Carrier = SessionSettings['carriers'][number];

/** A token that came with a request. */
export interface SentToken {
  readonly token: SessionToken;
  /** What brought it; that is what takes a new one back. */
  readonly carriers: readonly Carrier[];
}

/**
 * The tokens that came with a request, in whatever carries them here; elsewhere they are not looked for.
 *
 * @returns groups, to be asked in turn until a session is found: the header, which only a program sends, then the cookies.
 */
export function readTokens(
  headers: IncomingHttpHeaders,
  { carriers, cookie }: Carriers,
): SentToken[][] {
  const groups: SentToken[][] = [];
  const header = carriers.includes('header') ? headers['x-session-token'] : undefined;
  const cookies = carriers.includes('cookie') ? readCookies(headers.cookie, cookie.name) : [];
  if (typeof header === 'string' && isToken(header)) {
    groups.push([
      { token: header, carriers: cookies.includes(header) ? ['header', 'cookie'] : ['header'] },
    ]);
  }
  const others = cookies.filter((token) => token !== header);
  if (others.length > 0) groups.push(others.map((token) => ({ token, carriers: ['cookie'] })));
  return groups;
}

/**
 * What takes the token of a session that begins. Where both may: a client without cookies asks for a header by sending one, if only
 * an empty one, and a page gets a cookie, which its scripts cannot read.
 */
export function carriersFor(
  headers: IncomingHttpHeaders,
  { carriers }: Carriers,
): readonly Carrier[] {
  if (carriers.length === 1) return carriers;
  return headers['x-session-token'] === undefined ? ['cookie'] : ['header'];
}

/** The headers that hand out a token, or take it back. */
export function tokenHeaders(
  token: SessionToken | undefined,
  maxAgeSeconds: number,
  carriers: readonly Carrier[],
  cookie: CookieSettings,
): Header[] {
  return carriers.flatMap((carrier): Header[] => {
    if (carrier === 'header') return [[TOKEN_HEADER, token ?? '']];
    const line = token ? setCookie(cookie, token, maxAgeSeconds) : clearCookie(cookie);
    return [...formerClearings(cookie), ['Set-Cookie', line]];
  });
}

/** Those that clear the cookie of another library, but for what the cookie with the token replaces in the browser. */
export function clearOther(other: CookieSettings, { carriers, cookie }: Carriers): Header[] {
  const isReplaced =
    carriers.includes('cookie') && other.name === cookie.name && isSameScope(other, cookie);
  return isReplaced ? [] : [...formerClearings(other), ['Set-Cookie', clearCookie(other)]];
}

/** In front, for clients that know cookies by their names alone. */
function formerClearings(cookie: CookieSettings): Header[] {
  const { formerScopes = [] } = cookie;
  return formerScopes.map((scope) => ['Set-Cookie', clearCookie(cookie, scope)]);
}

/** What a response depends on that was made with regard to the session. */
export function varyOf({
  carriers,
  adoptFrom,
}: Pick<SessionSettings, 'carriers' | 'adoptFrom'>): string {
  const names = carriers.map((carrier) => (carrier === 'header' ? TOKEN_HEADER : 'Cookie'));
  // The cookie of another library, which is asked for where there is no token.
  if (adoptFrom && !names.includes('Cookie')) names.push('Cookie');
  return names.join(', ');
}
