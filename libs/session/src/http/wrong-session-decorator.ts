import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  Session as SessionOfNest,
  UseInterceptors,
} from '@nestjs/common';
import { SessionError } from '../session.errors.js';

type Class = abstract new (...args: never[]) => object;

const watched = new WeakSet<object>();

/**
 * Editors offer the `Session` of `@nestjs/common` first. It hands over `request.session`, which is `undefined` unless
 * some other library put it there: handlers that use it get an error instead, which names the right import. Where
 * something else does own `request.session`, nothing happens.
 *
 * Only such handlers get this interceptor, so others cost nothing.
 */
export function watchForWrongDecorator(controller: Class): void {
  for (const name of Object.getOwnPropertyNames(controller.prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(controller.prototype, name);
    const handler: unknown = descriptor?.value;
    if (typeof handler !== 'function' || name === 'constructor' || watched.has(handler)) continue;
    if (!usesDecoratorOfNest(controller, name)) continue;
    watched.add(handler);
    UseInterceptors(new WrongSessionDecorator())(controller.prototype, name, descriptor!);
  }
}

class WrongSessionDecorator implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    const request = context.switchToHttp().getRequest<{ session?: unknown }>();
    if (request?.session !== undefined) return next.handle();
    const handler = `${context.getClass().name}.${context.getHandler().name}`;
    throw new SessionError(
      'SESSION_STATE',
      `${handler} uses the Session decorator of @nestjs/common, which finds nothing here. Import it from the right package: import { Session } from 'nestjs-redis-session'.`,
    );
  }
}

// Nest's metadata has no public names, so it is asked what its decorator leaves on a method of our own.
class Specimen {
  method(_session: unknown): void {}
}
SessionOfNest()(Specimen.prototype, 'method', 0);
const [METADATA] = Reflect.getMetadataKeys(Specimen, 'method') as [string];
const [PARAMETER] = Object.keys(Reflect.getMetadata(METADATA, Specimen, 'method') as object);
const KIND = `${PARAMETER?.split(':')[0]}:`;

function usesDecoratorOfNest(controller: Class, method: string): boolean {
  const parameters: unknown = Reflect.getMetadata(METADATA, controller, method);
  return Object.keys(parameters ?? {}).some((parameter) => parameter.startsWith(KIND));
}
