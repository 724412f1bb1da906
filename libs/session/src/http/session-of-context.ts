import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Session } from '../core/session.js';
import type { AskedSession } from './asked-session.js';
import { kindOf } from './context-kind.js';
import { fieldsOfHandler } from './fields-of-handler.js';
import { SessionOptional } from './session-optional.decorator.js';

const reflector = new Reflector();

/**
 * The session of what is being handled; loaded now, if nobody has asked before. Of a handler that takes only some fields,
 * with these alone.
 */
export async function sessionOfContext(context: ExecutionContext): Promise<Session> {
  const targets = [context.getHandler(), context.getClass()];
  const isOptional = reflector.getAllAndOverride(SessionOptional, targets) ?? false;
  const only = fieldsOfHandler(context);
  return askSession(context, (session) =>
    isOptional ? session.loadOrCarryOn(only) : session.load(only),
  );
}

/** Asks something of the session; an error becomes one that this kind of context knows. */
export async function askSession<T>(
  context: ExecutionContext,
  ask: (session: AskedSession) => Promise<T>,
): Promise<T> {
  const kind = kindOf(context);
  const session = kind.sessionOf(context);
  try {
    return await ask(session);
  } catch (error) {
    throw kind.errorFor(error, session);
  }
}
