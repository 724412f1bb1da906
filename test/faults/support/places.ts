import type { Redis } from 'ioredis';
import { shardOfUser } from '../../../libs/session/src/core/token.js';
import { SLOTS } from '../../support/cluster-servers.js';

/** In which slot of a Cluster all keys of a user lie. */
export async function slotOf(node: Redis, user: string): Promise<number> {
  return Number(await node.call('CLUSTER', 'KEYSLOT', `{${shardOfUser(user)}}`));
}

/** Which primary has a slot at the start. */
export function ownerOf(slot: number): number {
  return SLOTS.findIndex(([first, last]) => first <= slot && slot <= last);
}

/** Names of users whose keys lie on a primary. */
export async function usersOn(node: Redis, owner: number, count: number): Promise<string[]> {
  const users: string[] = [];
  for (let i = 0; users.length < count; i++) {
    const user = `at-${owner}-${i}`;
    if (ownerOf(await slotOf(node, user)) === owner) users.push(user);
  }
  return users;
}
