import type { GoneReason } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import type { SessionKeys } from './keys.js';
import type { ScriptRunner } from './script-runner.js';
import { endedBy, revoke } from './scripts/revoke.js';

/** Sessions in one trip. */
export const REVOKE_BATCH = 500;

/** What is asked for page by page comes in pages that are a little larger; these are one trip, too. */
const LARGEST_TRIP = 600;

/** Sessions in one script: Redis does nothing else meanwhile. */
const LARGEST_SCRIPT = 300;

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
  let alive = 0;
  for (const trip of slices(ids, ids.length <= LARGEST_TRIP ? LARGEST_TRIP : REVOKE_BATCH)) {
    // Sent together. Redis reads 16 kB of a connection at a time, so others are served between the scripts.
    const parts = slices(trip, Math.ceil(trip.length / Math.ceil(trip.length / LARGEST_SCRIPT)));
    const counts = await Promise.all(
      parts.map(async (part) => {
        const reply = await scripts.run((client) => revoke(client, keys, part, userId, reason));
        await tell?.(endedBy(reply, part), reply.now);
        return Number(reply.rest[0]);
      }),
    );
    alive += counts.reduce((sum, count) => sum + count, 0);
  }
  return alive;
}

function slices<T>(list: readonly T[], size: number): [T, ...T[]][] {
  const parts: [T, ...T[]][] = [];
  for (let at = 0; at < list.length; at += size) {
    parts.push(list.slice(at, at + size) as [T, ...T[]]);
  }
  return parts;
}
