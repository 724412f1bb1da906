import { encodeTag } from '../../core/index-text.js';
import type { NewSession } from '../../core/outcome.js';
import type { SessionRecord } from '../../core/record.js';
import type { SessionChanges } from '../../core/changes.js';
import type { SessionIndex } from '../../core/session-index.js';

/** Spells what a commit does to the index document as the Lua of `shared-lua.ts` reads it. */
export function documentChangesArgs(
  index: SessionIndex,
  changes: SessionChanges,
  identity: readonly string[] = [],
): (string | number)[] {
  const { set, remove, copy, isIncomplete } = index.changesOf(changes);
  const pairs = index.version === '' ? [] : [...identity, ...[...set].flat()];
  const copies = [...copy].flat();
  const counts = [pairs.length / 2, remove.length, copies.length / 2];
  return [index.version, isIncomplete ? '1' : '', ...counts, ...pairs, ...remove, ...copies];
}

/** The document that a session begins with, without its moments, which only Redis knows. */
export function newDocumentArgs(
  index: SessionIndex,
  session: Omit<NewSession, 'token'>,
  fields: ReadonlyMap<string, string>,
): string[] {
  if (index.version === '') return [''];
  return [index.version, ...identityOf(session), ...[...index.documentOf(fields)].flat()];
}

/** Whose session it is, as fields of the document; a guest's is nobody's business. */
export function identityOf({ userId, device }: Pick<SessionRecord, 'userId' | 'device'>): string[] {
  if (userId === undefined) return [];
  const { address } = device;
  return ['userId', encodeTag(userId), ...(address ? ['ip', encodeTag(address)] : [])];
}
