import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW } from './shared-lua.js';

const SPARE = new Script(`--[[ spare: an epoch that is about to be does not void this session.
  KEYS[1]  session hash (must exist, and be the user's)
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  user id
  ARGV[3]  the epoch
  returns  check, saved | gone (or another user's), now
  cost     O(1), one slot ]]
${NOW}
local session = redis.call('HMGET', KEYS[1], '~id', '~user')
if session[1] ~= ARGV[1] or session[2] ~= ARGV[2] then return { ARGV[1], 'gone', now } end
redis.call('HSET', KEYS[1], '~spared', ARGV[3])
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function spare(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
  userId: string,
  epoch: string,
): Promise<ScriptReply> {
  const check = checkOf(id);
  return readReply(check, await SPARE.run(client, [keys.session(id)], [check, userId, epoch]));
}
