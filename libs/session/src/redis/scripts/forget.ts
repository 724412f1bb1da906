import { shardOfUser, type SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW } from './shared-lua.js';

const FORGET =
  new Script(`--[[ forget: takes sessions that lie in other slots out of a user's set, once they have ended.
  KEYS[1]  the user's set
  ARGV[1]  check: the user's shard
  ARGV[2]  id; and so on
  returns  check, saved, now
  cost     O(sessions), one slot ]]
${NOW}
redis.call('SREM', KEYS[1], unpack(ARGV, 2))
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function forget(
  client: RedisClient,
  keys: SessionKeys,
  userId: string,
  ids: readonly SessionId[],
): Promise<ScriptReply> {
  const shard = shardOfUser(userId);
  return readReply(shard, await FORGET.run(client, [keys.user(userId)], [shard, ...ids]));
}
