import { SessionError } from './session.errors.js';

/** Names that begin with this are the library's own fields of the hash. */
const RESERVED_PREFIX = '~';
const RESERVED_NAMES = new Set(['__proto__', 'constructor', 'prototype', '']);

/**
 * Whether the application can use this name. What bears another name in Redis is not shown to it. Half a surrogate pair would
 * become the replacement character in UTF-8, and two fields would be one.
 */
export function isFieldName(field: string): boolean {
  return !field.startsWith(RESERVED_PREFIX) && !RESERVED_NAMES.has(field) && field.isWellFormed();
}

/** @throws {SessionError} `SESSION_FORMAT` for a name that the application cannot use. */
export function assertFieldName(field: string): void {
  if (isFieldName(field)) return;
  throw new SessionError(
    'SESSION_FORMAT',
    `"${field}" cannot be the name of a session field. Choose one that is not empty, is well-formed Unicode, does not begin with "~" and is not __proto__, constructor or prototype.`,
  );
}
