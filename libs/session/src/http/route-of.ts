import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';

/** What Express and Fastify say of the route that a request has matched. */
interface Routed {
  readonly route?: { readonly path?: unknown };
  readonly routeOptions?: { readonly url?: string };
}

/**
 * Names what answers a request, for messages to developers: `POST /orders/:id (OrdersController.change)`. The path is the
 * route's, never the visitor's, which may contain secrets.
 *
 * @param context of the handler that asked for the session, if one did.
 */
export function routeOf(request: IncomingMessage, context: ExecutionContext | undefined): string {
  const { route, routeOptions } = (context?.switchToHttp().getRequest<Routed>() ??
    request) as Routed;
  const path = routeOptions?.url ?? route?.path;
  const names = [request.method ?? 'a request'];
  if (path !== undefined) names.push(String(path));
  if (context) names.push(`(${context.getClass().name}.${context.getHandler().name})`);
  return names.join(' ');
}
