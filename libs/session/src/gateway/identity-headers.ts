import type { Session } from '../core/session.js';
import type { SessionField } from '../session-data.js';
import { SessionError } from '../session.errors.js';
import type { GatewaySettings } from './gateway-settings.js';
import { encodeHeader, headerOfValue } from './header-value.js';

export type Header = readonly [name: string, value: string];

/**
 * Who somebody is, for the service behind the proxy. Each declared header is there, if only empty: a proxy that puts the
 * headers of the answer over those of the client leaves none of the client's in place.
 *
 * @throws {SessionError} `SESSION_FORMAT` for what a header cannot say, or when they are too long together.
 */
export function identityHeaders(session: Session, settings: GatewaySettings): readonly Header[] {
  const headers: Header[] = [
    [settings.userHeader, encodeHeader(session.userId ?? '')],
    [settings.idHeader, session.id ?? ''],
  ];
  for (const { field, as, header } of settings.fields) {
    const value: unknown = session.get(field as SessionField);
    headers.push([header, headerOfValue(field, value, as)]);
  }
  assertFit(headers, settings.maxHeaderBytes);
  return headers;
}

function assertFit(headers: readonly Header[], maxBytes: number): void {
  // As they are sent: all of it is ASCII, with a colon, a blank and the end of the line.
  const bytesOf = ([name, value]: Header) => name.length + value.length + 4;
  const bytes = headers.reduce((sum, header) => sum + bytesOf(header), 0);
  if (bytes <= maxBytes) return;
  const longest = headers.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
  throw new SessionError(
    'SESSION_FORMAT',
    `A proxy cannot be told who this is: the headers would take ${bytes} bytes, ${longest[0]} alone ${bytesOf(longest)}, and maxHeaderBytes is ${maxBytes}. Keep less in there, or raise it together with what the proxy reads of a head.`,
  );
}
