/** What one request did to one field. Texts are JSON. */
export type FieldChange =
  | { readonly kind: 'set'; readonly text: string }
  | { readonly kind: 'remove' }
  | { readonly kind: 'add'; readonly amount: number }
  /** Written only if the field still holds `expected`; `undefined` says that there was no such field. */
  | { readonly kind: 'replace'; readonly expected: string | undefined; readonly text: string };

/** The changed fields of a session, and nothing else: what two requests change apart from each other survives. */
export type SessionChanges = ReadonlyMap<string, FieldChange>;

/** What fields must still hold for a change to be made at all; `undefined` says that there is no such field. */
export type Expectations = ReadonlyMap<string, string | undefined>;

/** What a session's fields hold after a change, as far as is known here. */
export function applyChanges(
  fields: ReadonlyMap<string, string>,
  changes: SessionChanges,
): ReadonlyMap<string, string> {
  if (changes.size === 0) return fields;
  const result = new Map(fields);
  for (const [field, change] of changes) {
    if (change.kind === 'remove') result.delete(field);
    else if (change.kind === 'add') result.set(field, addTo(result.get(field), change.amount));
    else result.set(field, change.text);
  }
  return result;
}

function addTo(text: string | undefined, amount: number): string {
  return String(Number(text ?? 0) + amount);
}
