import { isFieldName } from '../field-name.js';
import type { FieldChange } from '../core/changes.js';
import type { Renewal } from '../core/outcome.js';

/**
 * What others wrote to a session between the moment it was read and the moment it ended, apart from the fields that
 * the renewing request wrote itself. What both have added to a number is added.
 *
 * @param taken fields and texts, in turn, as the session held them at its end; empty if it was gone already.
 */
export function missedChanges(
  { from, changes }: Renewal,
  taken: readonly string[],
): Map<string, FieldChange> {
  const missed = new Map<string, FieldChange>();
  if (taken.length === 0) return missed;
  const last = new Map<string, string>();
  for (let i = 0; i < taken.length; i += 2) last.set(taken[i] as string, taken[i + 1] as string);
  for (const field of new Set([...last.keys(), ...from.fields.keys()])) {
    const [before, after] = [from.fields.get(field), last.get(field)];
    if (before === after || !isFieldName(field)) continue;
    const own = changes.get(field);
    if (own?.kind === 'add')
      missed.set(field, { kind: 'add', amount: Number(after ?? 0) - Number(before ?? 0) });
    else if (!own)
      missed.set(field, after === undefined ? { kind: 'remove' } : { kind: 'set', text: after });
  }
  return missed;
}
