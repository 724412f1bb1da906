import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW, VOID } from './shared-lua.js';

const VOID_USER = new Script(`#!lua flags=allow-oom
--[[ void: whatever a user authenticated before now counts no more, but for one session to spare.
  KEYS[1]  the user's epoch
  KEYS[2]  session hash to spare, if it is the user's
  ARGV[1]  check of the session to spare; any other text spares none
  ARGV[2]  how long the longest session can live, ms
  ARGV[3]  the epoch, if it was chosen a moment ago, for sessions to spare elsewhere; otherwise ''
  ARGV[4]  user id
  returns  check, saved, now, the epoch
  cost     O(1), one slot; works when memory is full, for that is no time to stay signed in ]]
${NOW}${VOID}
local known = epoch_of(KEYS[1])
local epoch = ARGV[3] ~= '' and ARGV[3] or next_epoch(known)
if known and tonumber(known) > tonumber(epoch) then epoch = known end
redis.call('SET', KEYS[1], epoch, 'PX', ARGV[2])
local session = redis.call('HMGET', KEYS[2], '~id', '~user')
if session[1] == ARGV[1] and session[2] == ARGV[4] then redis.call('HSET', KEYS[2], '~spared', epoch) end
return { ARGV[1], 'saved', now, epoch }
`);

/** One round trip. */
export async function voidUser(
  client: RedisClient,
  keys: SessionKeys,
  userId: string,
  spared: SessionId | undefined,
  longestLifeMs: number,
  chosen = '',
): Promise<ScriptReply> {
  const check = spared ? checkOf(spared) : 'none';
  // Without one to spare, a name in the same slot that is no session.
  const sparedKey = spared ? keys.session(spared) : keys.spare(userId);
  return readReply(
    check,
    await VOID_USER.run(
      client,
      [keys.epoch(userId), sparedKey],
      [check, longestLifeMs, chosen, userId],
    ),
  );
}
