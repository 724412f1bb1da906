import type { IncomingHttpHeaders } from 'node:http';
import { isToken, type SessionToken } from '../core/token.js';
import type { SessionSettings } from '../session.settings.js';
import { clearCookie, readCookie, setCookie } from './cookie.js';

/** The header that carries the token to and from clients without cookies. */
const TOKEN_HEADER = 'X-Session-Token';

type Carriers = Pick<SessionSettings, 'carriers' | 'cookie'>;

/** The token that came with a request, in whatever carries it here; elsewhere it is not looked for. */
export function readToken(
  headers: IncomingHttpHeaders,
  { carriers, cookie }: Carriers,
): SessionToken | undefined {
  const header = headers['x-session-token'];
  if (carriers.includes('header') && typeof header === 'string' && isToken(header)) return header;
  return carriers.includes('cookie') ? readCookie(headers.cookie, cookie.name) : undefined;
}

/** The headers that hand out a token, or take it back. */
export function tokenHeaders(
  token: SessionToken | undefined,
  maxAgeSeconds: number,
  { carriers, cookie }: Carriers,
): [name: string, value: string][] {
  return carriers.map((carrier) => {
    if (carrier === 'header') return [TOKEN_HEADER, token ?? ''];
    return ['Set-Cookie', token ? setCookie(cookie, token, maxAgeSeconds) : clearCookie(cookie)];
  });
}

/**
 * Whether the cookie with the token takes the place of another one in the browser: a cookie is known by its name, domain and
 * path (RFC 6265, 5.3). Clearing the other one would clear the token.
 */
export function replacesCookie(
  other: SessionSettings['cookie'],
  { carriers, cookie }: Carriers,
): boolean {
  const scopeOf = ({ name, domain = '', path }: SessionSettings['cookie']) =>
    JSON.stringify([name, domain.toLowerCase().replace(/^\./, ''), path]);
  return carriers.includes('cookie') && scopeOf(other) === scopeOf(cookie);
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
