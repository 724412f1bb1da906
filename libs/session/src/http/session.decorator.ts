import { createParamDecorator, type PipeTransform, type Type } from '@nestjs/common';
import type { Session as VisitorSession } from '../core/session.js';
import type { SessionField } from '../session-data.js';
import { noteParameter } from './fields-of-handler.js';
import { sessionOfContext } from './session-of-context.js';

/** Under which TypeScript keeps the classes of parameters. */
const PARAMETER_TYPES = 'design:paramtypes';

const decorate = createParamDecorator(async (field: SessionField | undefined, context) => {
  const session = await sessionOfContext(context);
  return field === undefined ? session : session.get(field);
});

/**
 * The visitor's session in a handler: `@Session() session: Session`; or the value of one of its fields:
 * `@Session('cart') cart: CartLine[] | undefined`. Loads the session in one round trip, unless a guard has. Of a handler
 * that takes only fields, these alone are fetched, and the rest when somebody asks for more after all: in a session of
 * 40 kB that is a fraction of the cost.
 *
 * Import it from `nestjs-redis-session`. `@nestjs/common` has a decorator of the same name for other libraries.
 *
 * @throws {SessionError} `SESSION_STATE` where the middleware of `SessionModule` did not run.
 * @throws {HttpException} 503 with code `SESSION_STORE` when Redis does not answer.
 */
export const Session: (
  ...fieldAndPipes: (SessionField | PipeTransform | Type<PipeTransform>)[]
) => ParameterDecorator =
  (...fieldAndPipes) =>
  (controller, method, index) => {
    const [field, ...pipes] = fieldAndPipes;
    if (method !== undefined) {
      noteParameter(controller, method, field);
      hideTypeFromPipes(controller, method, index);
    }
    return decorate(field as SessionField, ...pipes)(controller, method, index);
  };

/**
 * As a type and a decorator have one name, TypeScript takes the decorator for the class of the parameter. A pipe for all
 * parameters, such as `ValidationPipe` with `validateCustomDecorators`, would try to make an instance of it: `Object` is what
 * pipes get for an interface, and leave alone.
 */
function hideTypeFromPipes(controller: object, method: string | symbol, index: number): void {
  const types: unknown = Reflect.getOwnMetadata(PARAMETER_TYPES, controller, method);
  if (!Array.isArray(types) || types[index] !== Session) return;
  Reflect.defineMetadata(PARAMETER_TYPES, types.with(index, Object), controller, method);
}

/**
 * The visitor's session during one request. Everything here is synchronous and happens in memory; before the first byte
 * of the response leaves, the session decides once what is to be written. One name is decorator and type.
 *
 * A stranger has one too: reading it finds nothing, and only writing to it creates a session in Redis.
 *
 * @interface
 */
export type Session = VisitorSession;
