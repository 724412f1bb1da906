import type { Expectations, SessionChanges } from '../../core/changes.js';

/** Spells changes as the Lua of `shared-lua.ts` reads them. */
export function changesArgs(
  changes: SessionChanges,
  expected: Expectations = new Map(),
): (string | number)[] {
  const checks = [...expected].flatMap(([field, text]) => [field, text ?? '']);
  const sets: string[] = [];
  const adds: (string | number)[] = [];
  const removes: string[] = [];
  for (const [field, change] of changes) {
    switch (change.kind) {
      case 'set':
        sets.push(field, change.text);
        break;
      case 'replace':
        checks.push(field, change.expected ?? '');
        sets.push(field, change.text);
        break;
      case 'add':
        adds.push(field, change.amount);
        break;
      case 'remove':
        removes.push(field);
        break;
    }
  }
  const counts = [checks.length / 2, sets.length / 2, adds.length / 2, removes.length];
  return [...counts, ...checks, ...sets, ...adds, ...removes];
}
