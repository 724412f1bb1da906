import {
  SCOPE_OPTIONS,
  type SessionCookieOptions,
  type SessionCookieScope,
} from '../session-cookie.options.js';
import { assertKnownOptions } from './known-options.js';
import { wrong } from './wrong-option.js';

const MOST_FORMER_SCOPES = 8;

/** Which requests a cookie is sent with: together with its name, what browsers know a cookie by (RFC 6265, 5.3). */
export interface CookieScope {
  /** `undefined`: only the host that set the cookie gets it. */
  readonly domain: string | undefined;
  /** Begins with `/`. */
  readonly path: string;
}

/** The options of a cookie with their defaults filled in. */
export type CookieSettings = Readonly<
  Required<Pick<SessionCookieOptions, 'name' | 'secure' | 'sameSite'>>
> &
  CookieScope & {
    /** Where it was set before. Default: nowhere else. */
    readonly formerScopes?: readonly CookieScope[];
  };

/** Browsers have no regard to the case of a domain, nor to a dot in front of it. */
export function isSameScope(one: CookieScope, other: CookieScope): boolean {
  const domainOf = ({ domain = '' }: CookieScope) => domain.toLowerCase().replace(/^\./, '');
  return domainOf(one) === domainOf(other) && one.path === other.path;
}

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
  return { ...cookie, formerScopes: formerScopesOf(options, cookie, `${place}.formerScopes`) };
}

function formerScopesOf(
  { formerScopes = [] }: SessionCookieOptions,
  cookie: CookieSettings,
  place: string,
): CookieScope[] {
  if (!Array.isArray(formerScopes) || formerScopes.length > MOST_FORMER_SCOPES) {
    throw wrong(place, typeof formerScopes, `a list of at most ${MOST_FORMER_SCOPES} scopes`);
  }
  const scopes: readonly SessionCookieScope[] = formerScopes;
  if (scopes.length > 0 && /^__host-/i.test(cookie.name)) {
    throw wrong(place, 'a list', `left out: a cookie named ${cookie.name} has one scope only`);
  }
  return scopes.map((scope, i) => {
    const at = `${place}[${i}]`;
    assertKnownOptions(scope, SCOPE_OPTIONS, 'SessionModule', at);
    const { domain, path = '/' } = scope;
    for (const [option, isRight, must] of rulesForScope({ domain, path })) {
      if (!isRight) throw wrong(`${at}.${option}`, scope[option], must);
    }
    if (isSameScope({ domain, path }, cookie)) {
      throw wrong(at, 'the scope of now', 'another one: the session would be cleared with it');
    }
    return { domain, path };
  });
}

function rulesForScope({
  domain,
  path,
}: CookieScope): [option: keyof CookieScope, isRight: boolean, must: string][] {
  // RFC 6265: the value of an attribute must not end the attribute.
  return [
    ['path', typeof path === 'string' && /^\/[^;,\s]*$/.test(path), 'a path that begins with /'],
    [
      'domain',
      domain === undefined || (typeof domain === 'string' && /^[a-z0-9.-]+$/i.test(domain)),
      'a host name',
    ],
  ];
}

function rulesFor(
  { name, secure, sameSite, domain, path }: CookieSettings,
  isHostOnly: boolean,
): [option: Exclude<keyof CookieSettings, 'formerScopes'>, isRight: boolean, must: string][] {
  return [
    ['sameSite', ['lax', 'strict', 'none'].includes(sameSite), '"lax", "strict" or "none"'],
    [
      'sameSite',
      sameSite !== 'none' || secure,
      '"lax" or "strict" while cookie.secure is false: browsers drop it otherwise',
    ],
    // RFC 6265: a cookie name is a token.
    [
      'name',
      typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name),
      'a cookie name (RFC 6265)',
    ],
    ...rulesForScope({ domain, path }),
    // Browsers match the prefixes without regard to case, and drop a cookie that breaks their rules.
    [
      'name',
      !/^__host-/i.test(name) || isHostOnly,
      'without the prefix, or have secure: true, path "/" and no domain',
    ],
    ['name', !/^__secure-/i.test(name) || secure, 'without the prefix, or have secure: true'],
  ];
}
