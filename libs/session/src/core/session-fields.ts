import { assertFieldName } from '../field-name.js';
import type { FieldChange, SessionChanges } from './changes.js';
import { Field } from './field.js';

/** The fields of a session during one request; each is looked at when it is first asked for. */
export class SessionFields {
  readonly #fields = new Map<string, Field>();

  /** @param stored what Redis holds, as JSON text. */
  constructor(private readonly stored: ReadonlyMap<string, string> = new Map()) {}

  /** @throws {SessionError} `SESSION_FORMAT` for a name that the application cannot use. */
  at(name: string): Field {
    let field = this.#fields.get(name);
    if (!field) {
      assertFieldName(name);
      field = new Field(name, this.stored.get(name));
      this.#fields.set(name, field);
    }
    return field;
  }

  /** The names of the fields that hold something. */
  names(): string[] {
    const names = new Set([...this.stored.keys(), ...this.#fields.keys()]);
    return [...names].filter((name) => this.at(name).exists);
  }

  changes(): SessionChanges {
    const changes = new Map<string, FieldChange>();
    for (const [name, field] of this.#fields) {
      const change = field.change();
      if (change) changes.set(name, change);
    }
    return changes;
  }

  /** Runs the updates again over what others wrote meanwhile. */
  rebase(current: ReadonlyMap<string, string | undefined>): void {
    for (const [name, stored] of current) this.at(name).rebase(stored);
  }
}
