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
}

/** The names of all options of a cookie. */
export const COOKIE_OPTIONS = {
  name: 'value',
  secure: 'boolean',
  sameSite: 'value',
  domain: 'value',
  path: 'value',
} as const satisfies OptionNames<SessionCookieOptions>;
