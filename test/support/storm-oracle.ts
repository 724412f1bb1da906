import type { Redis } from 'ioredis';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { keyspaceFaults } from './keyspace-oracle.js';
import type { LiveSession, StormLedger } from './storm-ledger.js';

/** Whatever stands under a session's key counts as alive, whole or not: somebody could be let in by it. */
const LIVE = `
local live = {}
for _, key in ipairs(redis.call('KEYS', 'session:*')) do
  live[#live + 1] = { string.match(key, '}:(.*)$'), redis.call('HGET', key, '~user') }
end
return live`;

/** Walks every key of every server: what no storm may leave behind, by the keys alone and by what it was told. */
export async function stormFaults(nodes: readonly Redis[], ledger: StormLedger): Promise<string[]> {
  const faults = await Promise.all(nodes.map((node) => keyspaceFaults(node)));
  const live = await Promise.all(nodes.map((node) => liveSessions(node)));
  return [...faults.flat(), ...ledger.faultsOf(live.flat())];
}

async function liveSessions(node: Redis): Promise<LiveSession[]> {
  const found = (await node.eval(LIVE, 0)) as [id: SessionId, userId: string | null][];
  return found.map(([id, userId]) => ({ id, userId: userId ?? undefined }));
}
