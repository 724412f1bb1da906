import type { NewSession } from '../core/outcome.js';
import { endingsOf, type LocalSessionEvent } from '../core/session-event.js';
import type { WriteResult } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { isProvenAfter } from './proven-after.js';
import { type RepositoryParts, tell } from './repository-parts.js';
import { revokeSessions, slices } from './revoke-sessions.js';
import { create } from './scripts/create.js';
import { type ScriptReply, writeResultOf } from './scripts/reply.js';

const READS_AT_ONCE = 100;

/** @param eventsOf what is told of it, in addition to the sessions that were evicted. */
export async function beginSession(
  parts: RepositoryParts,
  session: NewSession,
  fields: ReadonlyMap<string, string>,
  eventsOf: (at: number) => LocalSessionEvent[],
): Promise<WriteResult> {
  const { scripts, keys, settings, index, users, limited } = parts;
  const { id, userId } = session;
  const createNaming = (others: readonly SessionId[]) =>
    scripts.run((client) => create(client, keys, session, fields, settings, others, index));
  const evict = (ids: readonly SessionId[]) =>
    revokeSessions(scripts, keys, ids, userId, 'evicted', (ended, at) =>
      tell(parts, () => endingsOf(ended, userId, 'evicted', at)),
    );
  const begin = () =>
    limited && userId !== undefined
      ? limited.begin({ userId, id, create: createNaming, evict })
      : createNaming([]);
  let reply = await begin();
  if (reply.status === 'limit' && (await endInvalid(parts, userId!))) reply = await begin();
  const written = await unlessVoid(parts, session, reply);
  if (reply.status !== 'saved') return written;
  const [, evicted, met] = reply.rest as [string, SessionId[], string[]];
  if (userId !== undefined) users.pruneBehind(userId, met);
  await tell(parts, () => [
    ...endingsOf(evicted, userId, 'evicted', reply.now),
    ...(written.kind === 'saved' ? eventsOf(reply.now) : []),
  ]);
  return written;
}

/**
 * Ends those of a user's sessions that a cutoff has made invalid and that were not read since: they take up room.
 *
 * @returns whether there may be room by now.
 */
async function endInvalid(
  { cutoffs, users, reader }: RepositoryParts,
  userId: string,
): Promise<boolean> {
  await cutoffs.whenKnown();
  if (cutoffs.current.isEmpty) return false;
  let isAnyGone = false;
  for (const ids of slices(await users.all(userId), READS_AT_ONCE)) {
    const records = await Promise.all(ids.map((id) => reader.read(id, [])));
    isAnyGone ||= records.includes(undefined);
  }
  return isAnyGone;
}

/** A sign-in that was long on its way may have met a sign-out everywhere that it did not notice. */
export async function unlessVoid(
  { scripts, keys, askTime }: RepositoryParts,
  session: NewSession,
  reply: ScriptReply,
): Promise<WriteResult> {
  const { userId, provenAt, afterEpoch } = session;
  const epoch = reply.status === 'saved' ? String(reply.rest[0]) : '';
  if (userId === undefined || epoch === '' || epoch === afterEpoch) return writeResultOf(reply);
  const isProof = await isProvenAfter(Number(epoch), provenAt, reply.now, askTime);
  if (isProof) return writeResultOf(reply);
  // Nobody was told of it, so nobody is told of its end.
  await revokeSessions(scripts, keys, [session.id], userId, 'revoked');
  return { kind: 'gone' };
}
