import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { SessionError } from 'nestjs-redis-session';

/** Errors that a handler met itself are answered like those of the library: with their code. */
@Catch(SessionError)
export class SessionErrorFilter extends BaseExceptionFilter {
  override catch(error: SessionError, host: ArgumentsHost): void {
    const { code, message, statusCode, expose } = error;
    // A mistake of ours is for the log, where Nest puts it, and not for the visitor.
    const answer = expose ? new HttpException({ statusCode, message, code }, statusCode) : error;
    // oxlint-disable-next-line promise/no-promise-in-callback, promise/valid-params -- of a filter, not of a promise
    super.catch(answer, host);
  }
}
