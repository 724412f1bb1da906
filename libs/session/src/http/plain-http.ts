import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ExecutionContext } from '@nestjs/common';

const LOCAL = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

export const SECURE_OVER_HTTP =
  'A session cookie with "Secure" was set in a response over plain HTTP, so browsers drop it and the visitor has no session. Use HTTPS. If a proxy in front of the application ends TLS, this is only a wrong guess: let the framework trust it ("trust proxy" of Express, trustProxy of Fastify). For development without HTTPS, set cookie.secure to false. This is logged once.';

/**
 * Whether a request came over plain HTTP, from a page that is not on this machine: browsers accept `Secure` from there.
 * What a proxy says counts where the framework trusts it.
 *
 * @param context of the handler that asked for the session, if one did.
 */
export function isPlainHttp(
  request: IncomingMessage,
  context: ExecutionContext | undefined,
): boolean {
  if ((request.socket as TLSSocket | null)?.encrypted) return false;
  const framework = context?.switchToHttp().getRequest<{ protocol?: string }>() ?? request;
  if ((framework as { protocol?: string }).protocol === 'https') return false;
  const host = request.headers.host ?? (request.headers[':authority'] as string | undefined) ?? '';
  return !LOCAL.test(host);
}
