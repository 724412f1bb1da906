import { createParamDecorator, type PipeTransform, type Type } from '@nestjs/common';
import type { Session as VisitorSession } from '../core/session.js';
import type { SessionField } from '../session-data.js';
import { noteParameter } from './fields-of-handler.js';
import { sessionOfContext } from './session-of-context.js';

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
    if (method !== undefined) noteParameter(controller, method, field);
    return decorate(field as SessionField, ...pipes)(controller, method, index);
  };

/**
 * The visitor's session during one request. Everything here is synchronous and happens in memory; before the first byte
 * of the response leaves, the session decides once what is to be written. One name is decorator and type.
 *
 * A stranger has one too: reading it finds nothing, and only writing to it creates a session in Redis.
 *
 * @interface
 */
export type Session = VisitorSession;
