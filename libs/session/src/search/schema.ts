import { TAG_SEPARATOR } from '../core/index-text.js';
import type { SessionIndex } from '../core/session-index.js';
import type { IndexKind } from '../index-declaration.js';

// Sortable, so that counting and sorting need not read the documents: at 200,000 sessions three times as quick.
const TAG = ['TAG', 'SEPARATOR', TAG_SEPARATOR, 'CASESENSITIVE', 'SORTABLE', 'UNF'];
const NUMERIC = ['NUMERIC', 'SORTABLE'];
const TYPES: Record<IndexKind, readonly string[]> = {
  tag: TAG,
  tags: TAG,
  numeric: NUMERIC,
  // Its words are made here, in the same way for every language.
  text: ['TEXT', 'NOSTEM'],
};

/** The attribute that says for which declarations a document is right. Its joined versions are one tag. */
export const INDEXED_FOR = 'indexedFor';

/** The declaration, as `FT.CREATE` wants it. */
export function schemaOf(index: SessionIndex): string[] {
  const declared = index.fields.flatMap(({ name, documentField, kind }) => [
    documentField,
    'AS',
    name,
    ...TYPES[kind],
  ]);
  const builtIn = [
    ['userId', ...TAG],
    ['createdAt', ...NUMERIC],
    ['signedInAt', ...NUMERIC],
    ['ip', ...TAG],
    [INDEXED_FOR, 'TAG', 'SEPARATOR', TAG_SEPARATOR, 'CASESENSITIVE'],
  ];
  return [...builtIn.flat(), ...declared];
}
