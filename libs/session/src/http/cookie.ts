import { isToken, type SessionToken } from '../core/token.js';
import type { CookieScope, CookieSettings as Cookie } from '../settings/cookie-settings.js';

/** More are not looked up: anybody who may set cookies for the domain can set many. */
const MOST_TOKENS = 2;

/**
 * The different well-formed tokens under our name in a `Cookie` header, the last one first: browsers send the cookie of the
 * longest path first, and of equal paths the oldest. Names are compared as they are, case and all (RFC 6265bis, 5.4).
 *
 * It searches for the name, in linear time. How long a header may be is for the HTTP server to say.
 */
export function readCookies(header: string | undefined, name: string): SessionToken[] {
  const found: SessionToken[] = [];
  if (header === undefined) return found;
  const start = `${name}=`;
  let at = header.length;
  while (at > 0 && found.length < MOST_TOKENS) {
    at = header.lastIndexOf(start, at - 1);
    if (at < 0) break;
    if (!beginsPair(header, at)) continue;
    const value = header.slice(at + start.length, endOfPair(header, at)).trim();
    if (isToken(value) && !found.includes(value)) found.push(value);
  }
  return found;
}

function beginsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (header[before] === ' ' || header[before] === '\t') before--;
  return before < 0 || header[before] === ';';
}

function endOfPair(header: string, at: number): number {
  const end = header.indexOf(';', at);
  return end < 0 ? header.length : end;
}

/** @param maxAgeSeconds the absolute lifetime: the idle timeout slides in Redis alone. */
export function setCookie(cookie: Cookie, token: SessionToken, maxAgeSeconds: number): string {
  return `${cookie.name}=${token}; Max-Age=${maxAgeSeconds}${attributes(cookie, cookie)}`;
}

/** @param scope where the cookie to clear is. Default: where it is set. */
export function clearCookie(cookie: Cookie, scope: CookieScope = cookie): string {
  return `${cookie.name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributes(cookie, scope)}`;
}

function attributes(
  { secure, sameSite }: Pick<Cookie, 'secure' | 'sameSite'>,
  { domain, path }: CookieScope,
): string {
  const site = { lax: 'Lax', strict: 'Strict', none: 'None' }[sameSite];
  return `; Path=${path}${domain ? `; Domain=${domain}` : ''}; HttpOnly${secure ? '; Secure' : ''}; SameSite=${site}`;
}
