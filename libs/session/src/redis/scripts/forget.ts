import { shardOfUser } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW, ON_SET } from './shared-lua.js';

const FORGET =
  new Script(`--[[ forget: takes out of a user's set what is no session, or none any more.
  KEYS[1]  the user's set
  ARGV[1]  check: the user's shard
  ARGV[2]  member; and so on
  returns  check, saved, now
  cost     O(members), one slot ]]
${NOW}${ON_SET}
on_set('SREM', KEYS[1], unpack(ARGV, 2))
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function forget(
  client: RedisClient,
  keys: SessionKeys,
  userId: string,
  members: readonly string[],
): Promise<ScriptReply> {
  const shard = shardOfUser(userId);
  return readReply(shard, await FORGET.run(client, [keys.user(userId)], [shard, ...members]));
}
