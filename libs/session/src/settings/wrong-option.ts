import { SessionError } from '../session.errors.js';

/** @throws {SessionError} `SESSION_CONFIG` unless the value is a whole number from `min` to `max`. */
export function whole(option: string, value: number, max: number, module?: string, min = 1): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw wrong(option, value, `a whole number from ${min} to ${max}`, module);
}

/** The error of an option: what it is, and what it must be. */
export function wrong(
  option: string,
  value: unknown,
  must: string,
  module = 'SessionModule',
): SessionError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  // A URL may hold a password.
  const is = option === 'redis' ? typeof value : shown;
  return new SessionError('SESSION_CONFIG', `${module}: ${option} is ${is}. It must be ${must}.`);
}
