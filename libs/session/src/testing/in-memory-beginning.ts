import { fieldsAfter, type NewSession, type Renewal } from '../core/outcome.js';
import type { WriteResult } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import type { SessionLimitOptions } from '../session.options.js';
import { exactNow, type InMemorySessions } from './in-memory-sessions.js';

/** What became of a session that was to begin, and which ones had to make room for it. */
export interface Beginning {
  readonly kind: Extract<WriteResult['kind'], 'saved' | 'gone' | 'limit'>;
  readonly evicted: readonly SessionId[];
}

const GONE: Beginning = { kind: 'gone', evicted: [] };

/** Begins a session under an id that must be free, if its user's proof counts and they may have one more. */
export function beginIn(
  sessions: InMemorySessions,
  userLimit: SessionLimitOptions | undefined,
  { id, userId, isRemembered = false, lifetime, device, provenAt, afterEpoch }: NewSession,
  fields: ReadonlyMap<string, string>,
): Beginning {
  if (sessions.find(id) || sessions.whyGone(id)) return GONE;
  const now = Math.floor(exactNow());
  const [proof, epoch] = [performance.timeOrigin + provenAt, sessions.epochOf(userId)];
  if (proof <= epoch && afterEpoch !== String(epoch)) return GONE;
  const evicted = makeRoom(sessions, userLimit, userId);
  if (!evicted) return { kind: 'limit', evicted: [] };
  const isGuest = userId === undefined;
  sessions.put({
    id,
    createdAt: now,
    lastSeenAt: now,
    idleSeconds: lifetime.idleSeconds,
    deadlineAt: now + lifetime.absoluteSeconds * 1000,
    userId,
    authenticatedAt: isGuest ? undefined : Math.max(Math.floor(proof), Math.floor(epoch) + 1),
    isRemembered,
    tokenAt: now,
    formerId: undefined,
    device: isGuest ? { address: undefined, agent: undefined } : device,
    fields: new Map(fields),
  });
  return { kind: 'saved', evicted };
}

/** The session goes on under a new id; `renewal.from` is what it holds now. */
export function moveIn(
  sessions: InMemorySessions,
  userLimit: SessionLimitOptions | undefined,
  renewal: Renewal,
): Beginning {
  const { from, next, isAuthenticated, alias: formerId } = renewal;
  const fields = fieldsAfter(renewal);
  if (!isAuthenticated) {
    const now = Math.floor(exactNow());
    const moved = { ...from, id: next.id, lastSeenAt: now, tokenAt: now, formerId, fields };
    sessions.move(from.id, moved);
    return { kind: 'saved', evicted: [] };
  }
  const isSameUser = from.userId === next.userId;
  // Who has a session already does not need room for one more.
  const begun = beginIn(sessions, isSameUser ? undefined : userLimit, next, fields);
  const record = sessions.find(next.id);
  if (record && isSameUser) {
    sessions.put({ ...record, createdAt: from.createdAt });
  }
  return begun;
}

/** @returns `undefined` when the user may have no more sessions. */
function makeRoom(
  sessions: InMemorySessions,
  userLimit: SessionLimitOptions | undefined,
  userId: string | undefined,
): SessionId[] | undefined {
  if (!userLimit || userId === undefined) return [];
  const leastRecentlyUsedFirst = sessions
    .ofUser(userId)
    .toSorted((a, b) => a.lastSeenAt - b.lastSeenAt || a.authenticatedAt! - b.authenticatedAt!);
  const surplus = Math.max(0, leastRecentlyUsedFirst.length - userLimit.limit + 1);
  const tooMany = leastRecentlyUsedFirst.slice(0, surplus);
  if (tooMany.length > 0 && userLimit.whenReached === 'refuse') return undefined;
  return tooMany.map(({ id }) => id).filter((id) => sessions.end(id, 'evicted'));
}
