import type { FieldChange, SessionChanges } from '../core/changes.js';
import type { Renewal } from '../core/outcome.js';
import { isFieldName } from '../field-name.js';

/** What others wrote to a session between the moment it was read and the moment it ended. */
export interface Missed {
  /** What is to be brought over; without the fields that the renewing request set itself: it was the last to write them. */
  readonly changes: SessionChanges;
  /** Of these what the renewing request computed from what it had read: it has to be computed again from this. */
  readonly conflicts: ReadonlyMap<string, string | undefined>;
}

/**
 * What both have added to a number is added.
 *
 * @param taken fields and texts, in turn, as the session held them at its end; empty if it was gone already.
 */
export function missedChanges({ from, changes }: Renewal, taken: readonly string[]): Missed {
  const missed = new Map<string, FieldChange>();
  const conflicts = new Map<string, string | undefined>();
  for (const [field, { before, after }] of differences(from.fields, taken)) {
    const own = changes.get(field)?.kind;
    if (own === 'add') {
      missed.set(field, { kind: 'add', amount: Number(after ?? 0) - Number(before ?? 0) });
    } else if (own === undefined || own === 'replace') {
      missed.set(field, after === undefined ? { kind: 'remove' } : { kind: 'set', text: after });
    }
    if (own === 'replace') conflicts.set(field, after);
  }
  return { changes: missed, conflicts };
}

interface Difference {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function differences(
  fields: ReadonlyMap<string, string>,
  taken: readonly string[],
): Map<string, Difference> {
  const different = new Map<string, Difference>();
  if (taken.length === 0) return different;
  const last = new Map<string, string>();
  for (let i = 0; i < taken.length; i += 2) last.set(taken[i] as string, taken[i + 1] as string);
  for (const field of new Set([...last.keys(), ...fields.keys()])) {
    const [before, after] = [fields.get(field), last.get(field)];
    if (before !== after && isFieldName(field)) different.set(field, { before, after });
  }
  return different;
}
