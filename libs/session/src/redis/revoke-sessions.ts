import type { GoneReason } from '../core/record.js';
import { isWithUser, shardOfId, type SessionId } from '../core/token.js';
import type { SessionKeys } from './keys.js';
import type { ScriptRunner } from './script-runner.js';
import { forget } from './scripts/forget.js';
import { endedBy, revoke } from './scripts/revoke.js';

/** Sessions in one trip. */
export const REVOKE_BATCH = 500;

/** What is asked for page by page comes in pages that are a little larger; these are one trip, too. */
const LARGEST_TRIP = 600;

/** Sessions in one script: Redis does nothing else meanwhile. */
export const LARGEST_SCRIPT = 300;

/** Sessions in other slots than their user's keys, of which each takes a script: so many at once. */
const SCRIPTS_AT_ONCE = 100;

/** What one script has ended. */
export type Told = (ids: readonly SessionId[], at: number) => Promise<void>;

/** Ends sessions of one user, or of nobody, in as few trips as may be. @returns how many were alive. */
export async function revokeSessions(
  scripts: ScriptRunner,
  keys: SessionKeys,
  ids: readonly SessionId[],
  userId: string | undefined,
  reason: GoneReason,
  tell?: Told,
): Promise<number> {
  const end = async (parts: readonly [SessionId, ...SessionId[]][], owner?: string) => {
    const counts = await Promise.all(
      parts.map(async (part) => {
        const reply = await scripts.run((client) => revoke(client, keys, part, owner, reason));
        await tell?.(endedBy(reply, part), reply.now);
        return Number(reply.rest[0]);
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  };
  const isNear = (id: SessionId) => userId !== undefined && isWithUser(id, userId);
  const near = ids.filter(isNear);
  let alive = 0;
  for (const trip of slices(near, near.length <= LARGEST_TRIP ? LARGEST_TRIP : REVOKE_BATCH)) {
    // Sent together. Redis reads 16 kB of a connection at a time, so others are served between the scripts.
    const parts = slices(trip, Math.ceil(trip.length / Math.ceil(trip.length / LARGEST_SCRIPT)));
    alive += await end(parts, userId);
  }
  const apart = ids.filter((id) => !isNear(id));
  for (const trip of slices(apart, SCRIPTS_AT_ONCE)) {
    alive += await end(inSlots(trip));
    if (userId !== undefined) await scripts.run((client) => forget(client, keys, userId, trip));
  }
  return alive;
}

export function slices<T>(list: readonly T[], size: number): [T, ...T[]][] {
  const parts: [T, ...T[]][] = [];
  for (let at = 0; at < list.length; at += size) {
    parts.push(list.slice(at, at + size) as [T, ...T[]]);
  }
  return parts;
}

/** By their slots: a script reaches one. */
export function inSlots(ids: readonly SessionId[]): [SessionId, ...SessionId[]][] {
  const slots = new Map<string, [SessionId, ...SessionId[]]>();
  for (const id of ids) {
    const slot = slots.get(shardOfId(id));
    if (slot) slot.push(id);
    else slots.set(shardOfId(id), [id]);
  }
  return [...slots.values()];
}
