import { assertFieldName } from '../field-name.js';
import { SessionError } from '../session.errors.js';
import { applyChanges, type FieldChange, type SessionChanges } from './changes.js';
import { Field } from './field.js';

/** Of a number in JSON, with room. */
const MOST_DIGITS = 32;

/** How much a session may hold, in bytes of UTF-8. */
export interface SizeLimits {
  readonly maxFieldBytes: number;
  readonly maxSessionBytes: number;
}

/** The fields of a session during one request; each is looked at when it is first asked for. */
export class SessionFields {
  readonly #fields = new Map<string, Field>();

  /**
   * @param loose the names of fields that take what JSON makes of a value, where others refuse what would come back different.
   * @param stored what Redis holds, as JSON text.
   */
  constructor(
    private readonly limits: SizeLimits,
    private readonly loose: ReadonlySet<string>,
    private readonly stored: ReadonlyMap<string, string> = new Map(),
  ) {}

  /** @throws {SessionError} `SESSION_FORMAT` for a name that the application cannot use. */
  at(name: string): Field {
    let field = this.#fields.get(name);
    if (!field) {
      assertFieldName(name);
      field = new Field(name, this.stored.get(name), this.limits.maxFieldBytes, this.loose);
      this.#fields.set(name, field);
    }
    return field;
  }

  /**
   * Before several fields are written: all of them are, or none.
   *
   * @throws {SessionError} `SESSION_STATE` for what is no object of fields, `SESSION_FORMAT` or `SESSION_TOO_LARGE` for a name or a
   *   value that cannot be stored.
   */
  assertStorable(values: object): void {
    // `[object Map]`, whose entries are no properties, or a promise that was not awaited.
    const kind = Object.prototype.toString.call(values).slice('[object '.length, -1);
    if (kind !== 'Object') {
      throw new SessionError(
        'SESSION_STATE',
        `Fields are written as an object, { field: value }, and not as ${kind}. Nothing was written.`,
      );
    }
    for (const [name, value] of Object.entries(values)) this.at(name).assertStorable(value);
  }

  /** @param values what {@link assertStorable} takes. */
  putAll(values: object): void {
    for (const [name, value] of Object.entries(values)) this.at(name).put(value);
  }

  /** The names of the fields that hold something. */
  names(): string[] {
    const names = new Set([...this.stored.keys(), ...this.#fields.keys()]);
    return [...names].filter((name) => this.at(name).exists);
  }

  /** @throws {SessionError} `SESSION_TOO_LARGE` when the session would hold more than it may. */
  changes(): SessionChanges {
    const changes = new Map<string, FieldChange>();
    for (const [name, field] of this.#fields) {
      const change = field.change();
      if (change) changes.set(name, change);
    }
    if (changes.size > 0) this.#assertFits(changes);
    return changes;
  }

  /** Runs the updates again over what others wrote meanwhile. */
  rebase(current: ReadonlyMap<string, string | undefined>): void {
    for (const [name, stored] of current) this.at(name).rebase(stored);
  }

  /** As far as this request knows: others may be adding fields at the same moment. Making it smaller is always allowed. */
  #assertFits(changes: SessionChanges): void {
    const { maxSessionBytes } = this.limits;
    if (mostBytesOf(this.stored, changes) <= maxSessionBytes) return;
    const bytes = bytesOf(applyChanges(this.stored, changes));
    if (bytes <= maxSessionBytes || bytes <= bytesOf(this.stored)) return;
    throw new SessionError(
      'SESSION_TOO_LARGE',
      `The session cannot be stored: its fields would take ${bytes} bytes, and ${maxSessionBytes} are allowed (maxSessionBytes). Keep what is large elsewhere and store its id.`,
    );
  }
}

/** More than it can be, and quick to know: a character takes three bytes of UTF-8 at most, and a number few. */
function mostBytesOf(stored: ReadonlyMap<string, string>, changes: SessionChanges): number {
  let characters = 0;
  for (const [name, text] of stored) characters += name.length + text.length;
  for (const [name, change] of changes) {
    characters += name.length + ('text' in change ? change.text.length : MOST_DIGITS);
  }
  return 3 * characters;
}

function bytesOf(fields: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const [name, text] of fields) bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
}
