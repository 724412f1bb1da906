import type { StorePart } from '../core/session-repository.js';
import { createToken, idOfToken, shardOfId } from '../core/token.js';
import { slotOf, SLOTS } from './slot-of.js';

const MOST_PARTS = 64;
/** A shard that has one slot in a hundred is drawn in all but one of a billion times. */
const MOST_DRAWS = 2000;

/**
 * The shards of a Cluster, each with a token that leads there.
 *
 * @param slots whose each slot is, the primary first; empty until the client is connected.
 */
export function partsOf(slots: readonly (readonly string[] | undefined)[]): StorePart[] {
  const ownerOf = (slot: number) => slots[slot]?.[0] ?? '';
  const sizes = new Map<string, number>();
  for (let slot = 0; slot < SLOTS; slot++) {
    sizes.set(ownerOf(slot), (sizes.get(ownerOf(slot)) ?? 0) + 1);
  }
  const parts = new Map<string, StorePart>();
  for (let i = 0; i < MOST_DRAWS && parts.size < Math.min(sizes.size, MOST_PARTS); i++) {
    const token = createToken();
    const owner = ownerOf(slotOf(shardOfId(idOfToken(token))));
    if (!parts.has(owner)) parts.set(owner, { token, share: sizes.get(owner)! / SLOTS });
  }
  return [...parts.values()];
}
