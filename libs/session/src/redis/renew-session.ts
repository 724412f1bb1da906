import { fieldsAfter, type Renewal } from '../core/outcome.js';
import { endingsOf, renewalOf } from '../core/session-event.js';
import type { WriteResult } from '../core/session-repository.js';
import { shardOfId } from '../core/token.js';
import { beginSession, unlessVoid } from './begin-session.js';
import { commitSession } from './commit-session.js';
import { missedChanges } from './missed-changes.js';
import { type RepositoryParts, tell } from './repository-parts.js';
import { renewInSlot } from './scripts/renew.js';
import { writeResultOf } from './scripts/reply.js';
import { revoke } from './scripts/revoke.js';

/** In one step where it can be one. */
export function renewSession(parts: RepositoryParts, renewal: Renewal): Promise<WriteResult> {
  const { from, next, keepsData } = renewal;
  // Whoever becomes a user counts towards that user's limit, which is the business of `create`.
  const isSameUser = from.userId === next.userId;
  const isOneStep = keepsData && isSameUser && shardOfId(from.id) === shardOfId(next.id);
  return isOneStep ? moveInSlot(parts, renewal) : beginAnother(parts, renewal);
}

async function moveInSlot(parts: RepositoryParts, renewal: Renewal): Promise<WriteResult> {
  const { scripts, keys, settings, index, documents } = parts;
  const { from, next, isAuthenticated } = renewal;
  const reply = await scripts.run((client) =>
    renewInSlot(client, keys, renewal, settings.touchIntervalMs, index),
  );
  await documents.writeIfAsked(next.id, reply);
  if (reply.status !== 'saved') return writeResultOf(reply);
  const written = isAuthenticated ? await unlessVoid(parts, next, reply) : writeResultOf(reply);
  await tell(parts, () =>
    written.kind === 'saved'
      ? [renewalOf(renewal, reply.now)]
      : endingsOf([from.id], from.userId, 'revoked', reply.now),
  );
  return written;
}

/**
 * Another slot, or another user. The new session first: if the second step fails, nothing is lost but a session that
 * nobody has the token of.
 */
async function beginAnother(parts: RepositoryParts, renewal: Renewal): Promise<WriteResult> {
  const { from, next, keepsData } = renewal;
  const created = await beginSession(parts, next, fieldsAfter(renewal), () => []);
  if (created.kind !== 'saved') return created;
  const reason = keepsData ? (`renewed:${next.id}:signed-in` as const) : 'signed-out';
  const { rest, now } = await parts.scripts.run((client) =>
    revoke(client, parts.keys, [from.id], from.userId, reason, keepsData),
  );
  const { changes, conflicts } = missedChanges(renewal, rest.slice(1) as string[]);
  const brought =
    changes.size === 0 ? created : writeResultOf(await commitSession(parts, next.id, changes));
  const isSaved = brought.kind === 'saved';
  const replaced = !keepsData && rest[0] === 1 ? [from.id] : [];
  await tell(parts, () => [
    ...endingsOf(replaced, from.userId, 'signed-out', now),
    ...(isSaved ? [renewalOf(renewal, now)] : []),
  ]);
  if (!isSaved || conflicts.size === 0) return brought;
  return { kind: 'conflict', current: conflicts, movedTo: next.id };
}
