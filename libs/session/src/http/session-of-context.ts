import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Session } from '../core/session.js';
import { SessionError } from '../session.errors.js';
import { toHttpException } from './http-error.js';
import { RequestSession } from './request-session.js';
import { SessionOptional } from './session-optional.decorator.js';
import { fieldsOfHandler } from './fields-of-handler.js';

/** Fastify wraps Node's objects and keeps them under `raw`; Express extends them. */
interface Wrapped<T> {
  raw?: T;
}

const reflector = new Reflector();

/**
 * The session of the request that is being handled; loaded now, if nobody has asked before. Of a handler that takes only
 * some fields, with these alone.
 */
export async function sessionOfContext(context: ExecutionContext): Promise<Session> {
  const targets = [context.getHandler(), context.getClass()];
  const isOptional = reflector.getAllAndOverride(SessionOptional, targets) ?? false;
  const only = fieldsOfHandler(context);
  return withRequestSession(context, (session) =>
    isOptional ? session.loadOrCarryOn(only) : session.load(only),
  );
}

/** Asks something of the request's session; an error of the library becomes one of HTTP. */
export async function withRequestSession<T>(
  context: ExecutionContext,
  ask: (session: RequestSession) => Promise<T>,
): Promise<T> {
  if (context.getType() !== 'http') {
    throw new SessionError(
      'SESSION_STATE',
      `A session was asked for in a context of type "${context.getType()}". Sessions belong to HTTP requests; elsewhere use SessionService with the id of the session.`,
    );
  }
  const http = context.switchToHttp();
  const request = http.getRequest<IncomingMessage & Wrapped<IncomingMessage>>();
  const response = http.getResponse<ServerResponse & Wrapped<ServerResponse>>();
  try {
    return await ask(RequestSession.of(request.raw ?? request));
  } catch (error) {
    throw toHttpException(error, response.raw ?? response);
  }
}
