import { SessionError } from '../session.errors.js';

const MAX_DEPTH = 100;

/**
 * Turns a value into the JSON text that is stored in a field.
 *
 * Refuses whatever would come back different: `undefined`, functions, symbols, `bigint`, `NaN` and infinities,
 * dates, maps, sets and other instances, holes in arrays, cycles, methods `toJSON`, and properties that are not enumerable or are
 * inherited. `JSON.stringify` would drop or change most of these without a word. One difference is let through: `-0` comes back as `0`.
 *
 * @param maxBytes how long the text may be in UTF-8; what is read with every request is not for documents.
 * @throws {SessionError} `SESSION_FORMAT`, naming the field and the place in it, never the value; `SESSION_TOO_LARGE`.
 */
export function encodeValue(field: string, value: unknown, maxBytes = Infinity): string {
  refuseDamage(field, value, field, []);
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return text;
  throw new SessionError(
    'SESSION_TOO_LARGE',
    `The session field "${field}" cannot be stored: it takes ${bytes} bytes, and ${maxBytes} are allowed (maxFieldBytes). Keep it elsewhere and store its id.`,
  );
}

/**
 * A value as it would come back from JSON, which is what code is used to that was written for express-session: dates become texts,
 * and what is `undefined` is left out.
 */
export function asJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** @throws {SessionError} `SESSION_FORMAT` when the text is not JSON: something else wrote to this field. */
export function decodeValue(field: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SessionError(
      'SESSION_FORMAT',
      `The session field "${field}" does not hold JSON, so something else wrote it. Delete the field, or write it through the session.`,
    );
  }
}

function refuseDamage(field: string, value: unknown, place: string, ancestors: object[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return;
    throw refusal(field, place, String(value), 'Store a finite number, a string or null.');
  }
  if (typeof value !== 'object') {
    throw refusal(field, place, describe(value), adviceFor(value));
  }
  if (ancestors.includes(value)) {
    throw refusal(field, place, 'a reference to what contains it', 'Store an id instead.');
  }
  if (ancestors.length === MAX_DEPTH) {
    throw refusal(field, place, `nested deeper than ${MAX_DEPTH} levels`, 'Store a flatter value.');
  }
  refuseInstance(field, value, place);
  ancestors.push(value);
  for (const key of Object.keys(value)) {
    const inside = Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`;
    refuseDamage(field, (value as Record<string, unknown>)[key], inside, ancestors);
  }
  ancestors.pop();
}

function refuseInstance(field: string, value: object, place: string): void {
  const isArray = Array.isArray(value);
  if (!isArray && !isPlain(value)) throw refusal(field, place, describe(value), adviceFor(value));
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    throw refusal(field, place, 'an object with a method toJSON', 'Store what it returns.');
  }
  const names = Object.keys(value).length;
  if (isArray && names !== value.length) {
    throw refusal(field, place, 'an array with holes or names', 'Fill the holes with null.');
  }
  // An array has a length.
  if (Object.getOwnPropertyNames(value).length !== names + (isArray ? 1 : 0)) {
    const what = 'an object with properties that are not enumerable';
    throw refusal(field, place, what, 'Store an object without them.');
  }
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw refusal(field, place, 'an object with symbol keys', 'Use string keys.');
  }
  if (Object.hasOwn(value, '__proto__')) {
    throw refusal(field, place, 'an object with the key __proto__', 'Choose another key.');
  }
}

/** Its prototype is that of all objects, also where it comes from another realm, or none. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function refusal(field: string, place: string, what: string, advice: string): SessionError {
  const where = place === field ? '' : ` (at ${place})`;
  return new SessionError(
    'SESSION_FORMAT',
    `The session field "${field}" cannot be stored${where}: it is ${what}. ${advice}`,
  );
}

function describe(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  return `a ${value.constructor?.name || 'class instance'}`;
}

function adviceFor(value: unknown): string {
  if (value === undefined) return 'Leave it out, use null, or delete the field.';
  if (typeof value === 'bigint') return 'Store String(value).';
  if (value instanceof Date) return 'Store date.toISOString() or date.getTime().';
  if (value instanceof Map || value instanceof Set) return 'Store an array, such as [...value].';
  if (value instanceof Promise) return 'Await it first.';
  return 'Store a plain object with what you need of it.';
}
