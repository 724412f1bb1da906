import { SessionError } from '../session.errors.js';

/** All but visible ASCII, and the sign itself that encodes. */
const TO_BE_ENCODED = /[^\x21-\x24\x26-\x7e]+/gu;

/**
 * The text of a header: percent-encoded UTF-8 (RFC 3986, section 2.1), so that no byte but visible ASCII is left, blanks included.
 * `decodeURIComponent` of each language gives the text back.
 *
 * @param text well-formed Unicode.
 */
export function encodeHeader(text: string): string {
  return text.replaceAll(TO_BE_ENCODED, encodeURIComponent);
}

/**
 * What the header of a field says; an empty text where the field holds nothing.
 *
 * @throws {SessionError} `SESSION_FORMAT`, naming the field, for a value that its form has no text for.
 */
export function headerOfValue(field: string, value: unknown, as: 'text' | 'json'): string {
  if (value === undefined) return '';
  if (as === 'json') return encodeHeader(JSON.stringify(value));
  if (value === null) return '';
  if (typeof value === 'object') {
    throw refused(field, `it holds an object or an array. Declare it as 'json'`);
  }
  const text = String(value);
  if (text.isWellFormed()) return encodeHeader(text);
  throw refused(field, `it is not well-formed Unicode. Declare it as 'json'`);
}

function refused(field: string, why: string): SessionError {
  return new SessionError(
    'SESSION_FORMAT',
    `The session field "${field}" cannot be told to a proxy as text: ${why}.`,
  );
}
