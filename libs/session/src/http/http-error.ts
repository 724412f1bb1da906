import type { ServerResponse } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { Session } from '../core/session.js';
import { SessionError } from '../session.errors.js';
import { logOutage } from './refused-requests.js';

// A client that comes back at once meets the same outage.
const RETRY_AFTER_SECONDS = '1';

/** The body of an error, in the shape that Nest gives errors, with the code beside. */
export function bodyOfError({ statusCode, code, publicMessage }: SessionError): object {
  // What Redis said, and what a program did wrong, is for the log; the visitor can do nothing with it.
  return { statusCode, message: publicMessage, code };
}

/** The body of a 401 to a stranger: its code says why, if they had a session a short while ago. */
export function bodyOfRefusal({ goneReason }: Pick<Session, 'goneReason'>) {
  const code = `SESSION_${(goneReason ?? 'required').toUpperCase().replace('-', '_')}`;
  return { statusCode: 401, message: 'Sign in first.', code };
}

export function headersOfError({ statusCode }: SessionError): [name: string, value: string][] {
  const headers: [string, string][] = [
    ['Cache-Control', 'no-store'],
    ['Vary', 'Cookie'],
  ];
  if (statusCode === 503) headers.push(['Retry-After', RETRY_AFTER_SECONDS]);
  return headers;
}

/**
 * Turns an error of the library into one that Nest and every exception filter understand.
 *
 * @param response gets its headers; a message of a socket has none.
 */
export function toHttpException(error: unknown, response?: ServerResponse): unknown {
  if (!(error instanceof SessionError) || error.statusCode === 500) return error;
  logOutage(error);
  for (const [name, value] of headersOfError(error)) response?.setHeader(name, value);
  return new HttpException(bodyOfError(error), error.statusCode, { cause: error });
}
