import type { IndexDeclaration } from '../index-declaration.js';
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
  if (index === null || typeof index !== 'object' || Object.keys(index).length > MOST_FIELDS) {
    throw wrong('index', index, `an object with at most ${MOST_FIELDS} fields`);
  }
  for (const [name, field] of Object.entries(index)) {
    if (!NAME.test(name)) {
      throw wrong(
        `index.${name}`,
        name,
        'a name of letters, digits and _ that begins with a letter',
      );
    }
    if (TAKEN.includes(name)) {
      throw wrong(`index.${name}`, name, `another name: ${TAKEN.join(', ')} are there already`);
    }
    if (!KINDS.includes(field?.kind) || typeof field.field !== 'string') {
      throw wrong(`index.${name}`, field, 'made by tag(), tags(), numeric() or text()');
    }
  }
  return index;
}
