import { Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { SessionError } from '../session.errors.js';

type Filter = Pick<BaseExceptionFilter, 'handleUnknownError'>;

const logger = new Logger('ExceptionsHandler');

/**
 * Has the filter of Nest answer with the neutral sentence of an error whose message is for the log. Later releases of Nest 11, and Nest 12,
 * look at `expose` themselves; those before send the message of each error that has a status. In place, so that it holds for
 * filters that extend it, too.
 */
export function answerNeutrally(filter: Filter = BaseExceptionFilter.prototype): void {
  if ('getHttpErrorMessage' in filter || Object.hasOwn(filter, DONE)) return;
  Object.defineProperty(filter, DONE, { value: true });
  const { handleUnknownError } = filter;
  filter.handleUnknownError = function (this: BaseExceptionFilter, error, host, adapter) {
    if (!(error instanceof SessionError) || error.expose) {
      return handleUnknownError.call(this, error, host, adapter);
    }
    const { statusCode, publicMessage: message } = error as SessionError;
    const response: unknown = host.getArgByIndex(1);
    if (adapter.isHeadersSent(response)) adapter.end(response);
    else adapter.reply(response, { statusCode, message }, statusCode);
    logger.error(error);
  };
}

const DONE = Symbol.for('nestjs-redis-session:answers-neutrally');
