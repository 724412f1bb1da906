import { isToken, type SessionToken } from '../core/token.js';
import type { SessionSettings } from '../session.settings.js';

type Cookie = SessionSettings['cookie'];

// Far above what browsers send; what is longer was made to keep a server busy.
const MAX_HEADER_LENGTH = 16_384;
const MAX_PAIRS = 100;

/**
 * The token in a `Cookie` header, if there is exactly one well-formed one under our name. The name is compared as it
 * stands, case and all (RFC 6265bis, 5.4). Two different tokens mean that somebody planted one, and the order
 * says nothing about which: neither is believed.
 */
export function readCookie(header: string | undefined, name: string): SessionToken | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  let found: SessionToken | undefined;
  for (const pair of header.split(';', MAX_PAIRS)) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    if (!isToken(value) || value === found) continue;
    if (found) return undefined;
    found = value;
  }
  return found;
}

/** @param maxAgeSeconds the absolute lifetime: the idle timeout slides in Redis alone. */
export function setCookie(cookie: Cookie, token: SessionToken, maxAgeSeconds: number): string {
  return `${cookie.name}=${token}; Max-Age=${maxAgeSeconds}${attributes(cookie)}`;
}

export function clearCookie(cookie: Cookie): string {
  return `${cookie.name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributes(cookie)}`;
}

function attributes({ path, domain, secure, sameSite }: Cookie): string {
  const site = { lax: 'Lax', strict: 'Strict', none: 'None' }[sameSite];
  return `; Path=${path}${domain ? `; Domain=${domain}` : ''}; HttpOnly${secure ? '; Secure' : ''}; SameSite=${site}`;
}
