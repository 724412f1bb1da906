/** What one request did to one field. */
export type FieldChange =
  | {
      /** It gets a value, whatever it held. */
      readonly kind: 'set';
      /** The value as JSON. */
      readonly text: string;
    }
  | {
      /** It goes. */
      readonly kind: 'remove';
    }
  | {
      /** What it holds by then is added to: two requests that count lose nothing. */
      readonly kind: 'add';
      /** A finite number. */
      readonly amount: number;
    }
  | {
      /** It gets a value if it still holds what the request saw. */
      readonly kind: 'replace';
      /** That, as JSON; `undefined` when there was no such field. */
      readonly expected: string | undefined;
      /** The new value as JSON. */
      readonly text: string;
    };

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
