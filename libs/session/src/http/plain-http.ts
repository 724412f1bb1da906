import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { ExecutionContext } from '@nestjs/common';

const LOCAL = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

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
