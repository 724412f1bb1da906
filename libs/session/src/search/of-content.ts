import { SessionError } from '../session.errors.js';

/** Whether an error is about what one session holds, so that other sessions can have their turn. */
export function isOfContent(error: unknown): error is SessionError {
  return (
    error instanceof SessionError && ['SESSION_FORMAT', 'SESSION_TOO_LARGE'].includes(error.code)
  );
}
