import type { OptionNames } from './settings/known-options.js';

/** The cookie that carries the token. It is always `HttpOnly`. */
export interface SessionCookieOptions {
  /** Default `__Host-id` where the cookie is `Secure`, has no domain and the path `/`; otherwise `id`. */
  name?: string;

  /** Send it over HTTPS only. Default: `true` when `NODE_ENV` is `production`. */
  secure?: boolean;

  /**
   * Default `lax`: the cookie comes along when somebody follows a link to your site, and not with requests that
   * other sites make. `none` needs `secure`.
   */
  sameSite?: 'lax' | 'strict' | 'none';

  /** Default: none, so that only the host that set the cookie gets it. A domain hands it to all subdomains. */
  domain?: string;

  /** Default `/`. */
  path?: string;

  /**
   * Where this cookie was set before `domain` or `path` changed: browsers keep such a cookie and send it together with the new
   * one. It is cleared with each cookie that is set or cleared. `{}` is a cookie without a domain, at `/`. Remove the scope when
   * the absolute lifetime has passed since the change. Default: none.
   *
   * Of two cookies, the one whose session is alive is used in any case. Bounds: at most 8, none of them the scope of now;
   * none where the name has the prefix `__Host-`, which allows one scope only.
   */
  formerScopes?: readonly SessionCookieScope[];
}

/** Which requests a cookie is sent with. */
export interface SessionCookieScope {
  /** Default: none, for a cookie of one host. */
  domain?: string;

  /** Default `/`. */
  path?: string;
}

export const SCOPE_OPTIONS = {
  domain: 'value',
  path: 'value',
} as const satisfies OptionNames<SessionCookieScope>;

/** The names of all options of a cookie. */
export const COOKIE_OPTIONS = {
  name: 'value',
  secure: 'boolean',
  sameSite: 'value',
  domain: 'value',
  path: 'value',
  formerScopes: 'value',
} as const satisfies OptionNames<SessionCookieOptions>;
