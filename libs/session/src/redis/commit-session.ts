import type { Expectations, SessionChanges } from '../core/changes.js';
import type { SessionId } from '../core/token.js';
import type { RepositoryParts } from './repository-parts.js';
import { commit } from './scripts/commit.js';
import type { ScriptReply } from './scripts/reply.js';

/** Writes changes, and has the index document made anew where that is needed. Tells nobody. */
export async function commitSession(
  { scripts, keys, index, documents }: RepositoryParts,
  id: SessionId,
  changes: SessionChanges,
  expected: Expectations = new Map(),
): Promise<ScriptReply> {
  const reply = await scripts.run((client) => commit(client, keys, id, changes, expected, index));
  await documents.writeIfAsked(id, reply);
  return reply;
}
