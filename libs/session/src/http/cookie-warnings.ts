import { maxHeaderSize } from 'node:http';
import { Logger } from '@nestjs/common';
import type { SessionSettings } from '../session.settings.js';

const logger = new Logger('Session');
const warned = new WeakMap<SessionSettings, Set<string>>();

/** Many proxies refuse a head of twice as much, and browsers drop the oldest cookies of a site beyond 180. */
const LARGE_HEADER = 16_384;
const MANY_COOKIES = 100;

/** Once in an application: any visitor can cause these as often as they like. */
function warnOnce(settings: SessionSettings, topic: string, message: () => string): void {
  const topics = warned.get(settings) ?? new Set();
  if (topics.has(topic)) return;
  warned.set(settings, topics.add(topic));
  logger.warn(`${message()} This is logged once.`);
}

export function warnOfPlainHttp(settings: SessionSettings): void {
  warnOnce(
    settings,
    'plain HTTP',
    () =>
      'A session cookie with "Secure" was set in a response over plain HTTP, so browsers drop it and the visitor has no session. Use HTTPS. If a proxy in front of the application ends TLS, this is only a wrong guess: let the framework trust it ("trust proxy" of Express, trustProxy of Fastify). For development without HTTPS, set cookie.secure to false.',
  );
}

export function warnOfTwoCookies(settings: SessionSettings): void {
  warnOnce(
    settings,
    'two cookies',
    () =>
      `A request came with two different session cookies named ${settings.cookie.name}. Browsers send two after cookie.domain or cookie.path has changed, or where another application of the domain uses the same name. The one whose session is alive is used. Name the former scopes in cookie.formerScopes, so that the old cookies are cleared, or give each application its own cookie.name.`,
  );
}

export function warnOfDifferentUsers(settings: SessionSettings): void {
  warnOnce(
    settings,
    'different users',
    () =>
      `A request came with two session cookies named ${settings.cookie.name}, and their live sessions are of different users. One was planted, or is of another application, so neither is used, and the visitor is not signed in. A name with the prefix __Host- keeps cookies of other hosts and paths out; where it cannot be used, name the former scopes in cookie.formerScopes.`,
  );
}

/** The session is found all the same, but the visitor may lose it to a server or a browser with lower limits. */
export function warnIfLarge(settings: SessionSettings, header: string | undefined): void {
  if (header === undefined || warned.get(settings)?.has('large header')) return;
  if (header.length <= LARGE_HEADER && !hasMany(header)) return;
  warnOnce(
    settings,
    'large header',
    () =>
      `A request came with a Cookie header of ${header.length} characters and ${header.split(';').length} cookies. The session cookie was looked for in all of it. Servers refuse long headers (this one takes ${maxHeaderSize} bytes, --max-http-header-size), and browsers drop the oldest cookies of a site beyond 180, so such visitors may lose their session. Set fewer and smaller cookies.`,
  );
}

function hasMany(header: string): boolean {
  let at = header.length < 2 * MANY_COOKIES ? -1 : header.indexOf(';');
  for (let cookies = 1; at >= 0; cookies++) {
    if (cookies === MANY_COOKIES) return true;
    at = header.indexOf(';', at + 1);
  }
  return false;
}
