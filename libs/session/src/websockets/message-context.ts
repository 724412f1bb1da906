import { HttpException, Logger } from '@nestjs/common';
import { WsException } from '@nestjs/websockets';
import type { ContextKind } from '../http/asked-session.js';
import { bodyOfError } from '../http/http-error.js';
import { logOutage } from '../http/refused-requests.js';
import { SessionError } from '../session.errors.js';
import type { MessageSession } from '../sockets/message-session.js';
import { sessionOfMessage } from './session-of-message.js';

const logger = new Logger('SessionWebSockets');

/** Handlers of messages: each message has a session of its own. */
export const messageContext: ContextKind<MessageSession> = {
  sessionOf: sessionOfMessage,
  errorFor: (error) =>
    error instanceof HttpException
      ? refusal(error.getResponse(), error)
      : (errorOfLibrary(error) ?? error),
};

/** Gateways know no HttpException: the peer would be told of an internal error. */
function refusal(body: string | object, cause: unknown): WsException {
  return Object.assign(new WsException(body), { cause });
}

/** @returns what Nest tells the peer, with our code; `undefined` for an error of somebody else. */
export function errorOfLibrary(error: unknown): WsException | undefined {
  if (!(error instanceof SessionError)) return undefined;
  // Nest logs what it does not know; this it does.
  if (error.statusCode === 500) logger.error(error.message, error.stack);
  else logOutage(error);
  return refusal(bodyOfError(error), error);
}
