import type { FieldChange, SessionChanges } from '../core/changes.js';
import { Field } from '../core/field.js';
import { assertFieldName } from '../field-name.js';
import { SessionError } from '../session.errors.js';
import { cookieOfText, cookieText, type StoredCookie } from './cookie-term.js';

const MOST_FIELDS = 10_000;
const MOST_BYTES = 1_048_576;

/** The fields of a session, each as JSON text. */
export type Texts = ReadonlyMap<string, string>;

/**
 * Each top-level property as JSON has it, which drops what it has no form for and turns dates into texts.
 *
 * @param stored what Redis holds of it, as far as is known.
 * @throws {SessionError} `SESSION_FORMAT`, naming the property, never the value; `SESSION_TOO_LARGE`.
 */
export function textsOf(session: object, stored: Texts | undefined): Texts {
  const texts = new Map<string, string>();
  let bytes = 0;
  for (const [name, value] of Object.entries(session)) {
    const text = textOf(name, value, stored?.get(name));
    if (text === undefined) continue;
    assertFieldName(name);
    texts.set(name, text);
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  if (bytes <= MOST_BYTES && texts.size <= MOST_FIELDS) return texts;
  throw new SessionError(
    'SESSION_TOO_LARGE',
    `The session cannot be stored: it has ${texts.size} properties of ${bytes} bytes, and ${MOST_FIELDS} of ${MOST_BYTES} are allowed. Keep what is large elsewhere and store its id.`,
  );
}

/**
 * What is no JSON is left out: something else wrote it, and it stays as it is until the application writes the property.
 *
 * @param endsAt when it ends if no further request comes, by the clock here.
 */
export function sessionOfTexts(texts: Texts, endsAt: number): object {
  const fields = [...texts].map(([name, text]) => new Field(name, text));
  const properties = fields
    .filter(({ isReadable }) => isReadable)
    .map(({ name, value }) => [name, name === 'cookie' ? cookieOfText(value, endsAt) : value]);
  return Object.fromEntries(properties) as object;
}

/** Without what is no JSON. */
export function readableOf(texts: Texts): Texts {
  return new Map([...texts].filter(([name, text]) => new Field(name, text).isReadable));
}

/** What has to be written for Redis to hold `after` where it holds `before`. */
export function differences(before: Texts, after: Texts): SessionChanges {
  const changes = new Map<string, FieldChange>();
  for (const [name, text] of after) {
    if (!isSame(before.get(name), text)) changes.set(name, { kind: 'set', text });
  }
  for (const name of before.keys()) {
    if (!after.has(name)) changes.set(name, { kind: 'remove' });
  }
  return changes;
}

function textOf(name: string, value: unknown, stored: string | undefined): string | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined;
    if (name !== 'cookie' || text === undefined) return text;
    const cookie = JSON.parse(text) as StoredCookie | null;
    return typeof cookie === 'object' && cookie ? cookieText(cookie, stored) : text;
  } catch {
    throw new SessionError(
      'SESSION_FORMAT',
      `The session property "${name}" cannot be stored: JSON has no form for it, such as for a bigint or for an object that contains itself. Store a text or an id instead.`,
    );
  }
}

/** Others may spell a number differently: a counter of Redis, for one. */
function isSame(before: string | undefined, text: string): boolean {
  if (before === text) return true;
  if (before === undefined || before === UNKNOWN) return false;
  return JSON.stringify(JSON.parse(before)) === text;
}

/** No JSON: of a field that a write which failed may or may not have changed. */
export const UNKNOWN = '';
