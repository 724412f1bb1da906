import type { OptionNames } from '../settings/known-options.js';

/** Who may open sockets to the site. */
export interface SocketOptions {
  /**
   * The pages that may open sockets, by their origins: `['https://shop.example']`. Compared as they stand, so scheme, host and port,
   * and neither a slash nor a path behind. Default: pages whose host is the `Host` of the handshake. With the option only those
   * that are named; name your own, too. What sends no `Origin` is no page of another site and may always: every browser sends it with
   * the handshake of a WebSocket. OWASP ASVS 5.0 (4.4.2) asks for such a list.
   */
  allowedOrigins?: readonly string[];

  /**
   * Whether only signed-in users may open sockets; others are refused with the code that `SessionGuard` would give. Default
   * `false`: strangers and guests may, and `SessionGuard` refuses what they send, or ask for.
   */
  signedInOnly?: boolean;
}

/** The names of all options; any other name is refused at start. */
export const SOCKET_OPTIONS = {
  allowedOrigins: 'value',
  signedInOnly: 'boolean',
} as const satisfies OptionNames<SocketOptions>;
