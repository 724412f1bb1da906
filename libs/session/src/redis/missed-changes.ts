import type { FieldChange } from '../core/changes.js';
import type { Renewal } from '../core/outcome.js';
import { RESERVED_PREFIX } from '../core/changes.js';

/**
 * What others wrote to a session between the moment it was read and the moment it ended, apart from the fields that
 * the renewing request wrote itself.
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
  for (const [field, text] of last) {
    if (field.startsWith(RESERVED_PREFIX) || changes.has(field)) continue;
    if (from.fields.get(field) !== text) missed.set(field, { kind: 'set', text });
  }
  for (const field of from.fields.keys()) {
    if (!last.has(field) && !changes.has(field)) missed.set(field, { kind: 'remove' });
  }
  return missed;
}
