import type { SessionChanges } from '../../core/changes.js';

/** Spells changes as the Lua of `shared-lua.ts` reads them. */
export function changesArgs(changes: SessionChanges): (string | number)[] {
  const sets: string[] = [];
  const replaces: string[] = [];
  const adds: (string | number)[] = [];
  const removes: string[] = [];
  for (const [field, change] of changes) {
    switch (change.kind) {
      case 'set':
        sets.push(field, change.text);
        break;
      case 'replace':
        replaces.push(field, change.expected ?? '', change.text);
        break;
      case 'add':
        adds.push(field, change.amount);
        break;
      case 'remove':
        removes.push(field);
        break;
    }
  }
  const counts = [sets.length / 2, replaces.length / 3, adds.length / 2, removes.length];
  return [...counts, ...sets, ...replaces, ...adds, ...removes];
}
