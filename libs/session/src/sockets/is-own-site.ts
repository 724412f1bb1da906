import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a handshake comes from a page that may open sockets, or from no page at all. A browser lets every page open a WebSocket
 * anywhere, with the visitor's cookies; what tells them apart is `Origin` (RFC 6455, 10.2).
 *
 * @param allowed `undefined` stands for pages of the host that was asked. Its scheme is not compared, since a proxy may have
 * ended TLS.
 */
export function isOwnSite(
  { origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders,
  allowed?: ReadonlySet<string>,
): boolean {
  // Not with the first request of HTTP long-polling, where it is the same site, or an image of another one.
  if (origin === undefined) return site !== 'cross-site' && site !== 'same-site';
  if (allowed) return allowed.has(origin);
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  // Written as the URL has it: without the port that goes without saying.
  const asked = `${page.protocol}//${host}`;
  return page.host !== '' && URL.canParse(asked) && new URL(asked).host === page.host;
}
