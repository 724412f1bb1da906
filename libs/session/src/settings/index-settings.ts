import { isFieldName } from '../field-name.js';
import type { IndexDeclaration, IndexField } from '../index-declaration.js';
import type { SessionOptions } from '../session.options.js';
import { wrong } from './wrong-option.js';

/** What every session has in the index, without being declared. */
export const BUILT_IN_INDEX_FIELDS = ['userId', 'createdAt', 'signedInAt', 'ip'] as const;

const KINDS = ['tag', 'tags', 'numeric', 'text'];
const NAME = /^[A-Za-z]\w*$/;
const TAKEN: readonly string[] = [...BUILT_IN_INDEX_FIELDS, 'id', 'lastSeenAt', 'indexedFor'];
/** What Search can hold, less what is there without being declared. */
const MOST_FIELDS = 64;

/** @throws {SessionError} `SESSION_CONFIG`, naming the field of the index and what it may be. */
export function indexOf({ index }: SessionOptions): IndexDeclaration | undefined {
  if (index === undefined) return undefined;
  const isObject = index !== null && typeof index === 'object' && !Array.isArray(index);
  if (!isObject || Object.keys(index).length > MOST_FIELDS) {
    throw wrong('index', index, `an object with at most ${MOST_FIELDS} fields`);
  }
  for (const [name, field] of Object.entries(index)) {
    assertName(name);
    assertField(name, field);
  }
  return index;
}

function assertName(name: string): void {
  if (!NAME.test(name)) {
    throw wrong(`index.${name}`, name, 'a name of letters, digits and _ that begins with a letter');
  }
  if (TAKEN.includes(name)) {
    throw wrong(`index.${name}`, name, `another name: ${TAKEN.join(', ')} are there already`);
  }
}

function assertField(name: string, made: IndexField | undefined): void {
  if (!made || !KINDS.includes(made.kind) || typeof made.field !== 'string') {
    throw wrong(`index.${name}`, made, 'made by tag(), tags(), numeric() or text()');
  }
  if (!isFieldName(made.field)) {
    throw wrong(`index.${name}`, made.field, 'read from a field that a session can have');
  }
  if (made.read !== undefined && typeof made.read !== 'function') {
    throw wrong(`index.${name}`, made.read, 'read by a function, or without one');
  }
}
