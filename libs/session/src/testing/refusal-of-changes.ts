import type { Expectations, SessionChanges } from '../core/changes.js';
import type { WriteResult } from '../core/session-repository.js';
import { SessionError } from '../session.errors.js';

/**
 * Why changes cannot be applied, if so: the fields that somebody else wrote.
 *
 * @throws {SessionError} `SESSION_FORMAT` when a field that is no number is to be counted up.
 */
export function refusalOf(
  fields: ReadonlyMap<string, string>,
  changes: SessionChanges,
  expected: Expectations = new Map(),
): WriteResult | undefined {
  const conflicts = new Map<string, string | undefined>();
  const replaced = [...changes].flatMap(([field, change]) =>
    change.kind === 'replace' ? [[field, change.expected] as const] : [],
  );
  for (const [field, text] of [...expected, ...replaced]) {
    const current = fields.get(field);
    if (current !== text) conflicts.set(field, current);
  }
  if (conflicts.size > 0) return { kind: 'conflict', current: conflicts };
  for (const [field, change] of changes) {
    if (change.kind !== 'add' || typeof JSON.parse(fields.get(field) ?? '0') === 'number') continue;
    throw new SessionError(
      'SESSION_FORMAT',
      `The session field "${field}" cannot be incremented: it does not hold a number. Nothing was saved. Set it to a number first.`,
    );
  }
  return undefined;
}
