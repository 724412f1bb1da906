import { createHash } from 'node:crypto';
import type { IndexDeclaration, IndexField } from '../index-declaration.js';
import { SessionError } from '../session.errors.js';
import { asError } from './as-error.js';
import type { SessionChanges } from './changes.js';
import { encodeTag, TAG_SEPARATOR, wordsOf } from './index-text.js';
import { decodeValue } from './json.js';
import { assertSynchronous } from './synchronous.js';

/** A field of the index, and the field of the index document that holds it. */
export interface IndexedField extends IndexField {
  readonly name: string;
  /** The name and a digest of how it is read: documents are shared by applications that declare the same. */
  readonly documentField: string;
}

/** What a change of a session means for its index document. */
export interface DocumentChanges {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
  /** Fields of the document that get what the session's field holds after the change: counters. */
  readonly copy: ReadonlyMap<string, string>;
  /** Whether only the whole session can tell: a counter that something is computed from. */
  readonly isIncomplete: boolean;
}

/** What is indexed of a field of a session: tags, a number, or words. `undefined`: nothing. */
export type IndexedValue = readonly string[] | number | undefined;

const NO_CHANGES: DocumentChanges = {
  set: new Map(),
  remove: [],
  copy: new Map(),
  isIncomplete: false,
};

/** The declared index: what of a session its document holds, and under which names. */
export class SessionIndex {
  /** A digest of the declaration; `''` where there is none. */
  readonly version: string;
  readonly fields: readonly IndexedField[];
  /** The session fields that anything is read from. */
  readonly sources: ReadonlySet<string>;
  /** How often a function of the declaration threw or gave something that cannot be indexed, in this process. */
  failures = 0;
  readonly #reported = new Set<string>();

  constructor(
    declaration: IndexDeclaration | undefined,
    private readonly onFailure: (message: string) => void = () => undefined,
  ) {
    this.fields = Object.entries(declaration ?? {}).map(([name, field]) => ({
      ...field,
      name,
      documentField: `${name}~${digestOf(field).slice(0, 4)}`,
    }));
    this.sources = new Set(this.fields.map(({ field }) => field));
    this.version = declaration ? versionOf(this.fields) : '';
  }

  /** The document of a session with these fields, apart from what the scripts know themselves. */
  documentOf(fields: ReadonlyMap<string, string>): Map<string, string> {
    const document = new Map<string, string>();
    for (const field of this.fields) {
      const text = this.#textOf(field, fields.get(field.field));
      if (text !== undefined) document.set(field.documentField, text);
    }
    return document;
  }

  /** What a commit does to the document: only what is read from the fields that it changes. */
  changesOf(changes: SessionChanges): DocumentChanges {
    if (this.fields.length === 0) return NO_CHANGES;
    const set = new Map<string, string>();
    const remove: string[] = [];
    const copy = new Map<string, string>();
    let isIncomplete = false;
    for (const field of this.fields) {
      const change = changes.get(field.field);
      if (!change) continue;
      if (change.kind === 'add') {
        // A number's JSON is the number, and the tag of one is its text.
        if (field.read || field.kind === 'text') isIncomplete = true;
        else copy.set(field.documentField, field.field);
        continue;
      }
      const text = change.kind === 'remove' ? undefined : this.#textOf(field, change.text);
      if (text === undefined) remove.push(field.documentField);
      else set.set(field.documentField, text);
    }
    return { set, remove, copy, isIncomplete };
  }

  /** What is indexed of a session's field; nothing where it cannot be. */
  valueOf(field: IndexedField, text: string | undefined): IndexedValue {
    try {
      return readValue(field, text);
    } catch {
      // Said and counted when it was written.
      return undefined;
    }
  }

  #textOf(field: IndexedField, text: string | undefined): string | undefined {
    let value: IndexedValue;
    try {
      value = readValue(field, text);
    } catch (error) {
      this.#report(field, error);
    }
    if (typeof value !== 'object') return value === undefined ? undefined : String(value);
    if (value.length === 0) return undefined;
    return field.kind === 'text' ? value.join(' ') : value.map(encodeTag).join(TAG_SEPARATOR);
  }

  /** The session is saved all the same: a mistake in the index must not cost anybody their cart. */
  #report({ name }: IndexedField, thrown: unknown): void {
    const error = asError(thrown);
    this.failures++;
    if (this.#reported.has(name)) return;
    this.#reported.add(name);
    const isOurs = error instanceof TypeError || error instanceof SessionError;
    const reason = isOurs ? error.message : 'its function threw';
    this.onFailure(
      `A session could not be indexed under "${name}": ${reason}. It is saved, and is not found by this field. There may be more; SessionSearch.status() counts them.`,
    );
  }
}

/** @throws {Error} what the function of the declaration threw, or a `TypeError`. */
function readValue(field: IndexedField, text: string | undefined): IndexedValue {
  if (text === undefined) return undefined;
  const value = decodeValue(field.field, text);
  const read = field.read ? (field.read as (value: unknown) => unknown)(value) : value;
  assertSynchronous(read, 'Its function');
  return read === undefined || read === null ? undefined : indexable(field, read);
}

/** @throws {TypeError} saying what was expected, never the value. */
function indexable({ kind }: IndexedField, read: unknown): readonly string[] | number {
  switch (kind) {
    case 'tag':
      return [tagOf(read)];
    case 'tags':
      if (!Array.isArray(read)) throw new TypeError('a list of tags was expected');
      return [...new Set(read.map(tagOf))];
    case 'text':
      if (typeof read !== 'string') throw new TypeError('a text was expected');
      return wordsOf(read);
    case 'numeric':
      if (typeof read === 'number' && Number.isFinite(read)) return read;
      throw new TypeError('a finite number was expected');
  }
}

function tagOf(read: unknown): string {
  if (typeof read === 'string') return read;
  if (typeof read === 'boolean' || Number.isFinite(read)) return String(read);
  throw new TypeError('a text, a finite number or a boolean was expected');
}

/** Two programs that would index the same have the same version. */
function versionOf(fields: readonly IndexedField[]): string {
  const names = fields.map(({ documentField, ...field }) => `${documentField} ${digestOf(field)}`);
  return digest(names.toSorted().join('\n')).slice(0, 8);
}

function digestOf({ kind, field, read }: IndexField): string {
  return digest(JSON.stringify([kind, field, read ? String(read) : '']));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
