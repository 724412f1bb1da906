import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { SessionError } from 'nestjs-redis-session';

/** Errors that a handler met itself are answered like those of the library: with their code. */
@Catch(SessionError)
export class SessionErrorFilter extends BaseExceptionFilter {
  override catch(error: SessionError, host: ArgumentsHost): void {
    const { code, statusCode } = error;
    // Only operators search, and they are told what is missing.
    const message = code === 'SESSION_SEARCH' ? error.message : error.publicMessage;
    // A mistake of ours is for the log, where Nest puts it, and not for the visitor.
    const isMistake = statusCode === 500;
    const answer = isMistake
      ? error
      : new HttpException({ statusCode, message, code }, statusCode, { cause: error });
    // oxlint-disable-next-line promise/no-promise-in-callback, promise/valid-params -- of a filter, not of a promise
    super.catch(answer, host);
  }
}
