import type { SessionCookieOptions } from '../session-cookie.options.js';
import { wrong } from './wrong-option.js';

/** The options of a cookie with their defaults filled in. */
export type CookieSettings = Readonly<Required<Omit<SessionCookieOptions, 'domain'>>> & {
  /** `undefined`: only the host that set the cookie gets it. */
  readonly domain: string | undefined;
};

/** @throws {SessionError} `SESSION_CONFIG` for what browsers would drop, or what breaks out of its attribute. */
export function cookieOf(options: SessionCookieOptions, place = 'cookie'): CookieSettings {
  const { secure = process.env.NODE_ENV === 'production', sameSite = 'lax' } = options;
  const { domain, path = '/' } = options;
  const isHostOnly = secure && domain === undefined && path === '/';
  const cookie = {
    name: options.name ?? (isHostOnly ? '__Host-id' : 'id'),
    secure,
    sameSite,
    domain,
    path,
  };
  for (const [option, isRight, must] of rulesFor(cookie, isHostOnly)) {
    if (!isRight) throw wrong(`${place}.${option}`, cookie[option], must);
  }
  return cookie;
}

function rulesFor(
  { name, secure, sameSite, domain, path }: CookieSettings,
  isHostOnly: boolean,
): [option: keyof CookieSettings, isRight: boolean, must: string][] {
  return [
    ['sameSite', ['lax', 'strict', 'none'].includes(sameSite), '"lax", "strict" or "none"'],
    [
      'sameSite',
      sameSite !== 'none' || secure,
      '"lax" or "strict" while cookie.secure is false: browsers drop it otherwise',
    ],
    // RFC 6265: a cookie name is a token, and the value of an attribute must not end the attribute.
    [
      'name',
      typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name),
      'a cookie name (RFC 6265)',
    ],
    ['path', typeof path === 'string' && /^\/[^;,\s]*$/.test(path), 'a path that begins with /'],
    [
      'domain',
      domain === undefined || (typeof domain === 'string' && /^[a-z0-9.-]+$/i.test(domain)),
      'a host name',
    ],
    // Browsers match the prefixes without regard to case, and drop a cookie that breaks their rules.
    [
      'name',
      !/^__host-/i.test(name) || isHostOnly,
      'without the prefix, or have secure: true, path "/" and no domain',
    ],
    ['name', !/^__secure-/i.test(name) || secure, 'without the prefix, or have secure: true'],
  ];
}
