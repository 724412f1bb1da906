import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW } from './shared-lua.js';

const DISCARD = new Script(`--[[ discard: removes what is under the key of a session and is none.
  KEYS[1]  session hash
  KEYS[2]  its index document
  ARGV[1]  check: what a session carries in ~id
  returns  check, saved (removed) | whole (it is a session: the reply that said otherwise was not about it), now
  cost     O(1), one slot ]]
${NOW}
if redis.call('TYPE', KEYS[1]).ok == 'hash' then
  local is_whole = true
  for _, text in ipairs(redis.call('HMGET', KEYS[1], '~created', '~seen', '~idle', '~until')) do
    is_whole = is_whole and tonumber(text or '')
  end
  if is_whole and redis.call('HGET', KEYS[1], '~id') == ARGV[1] then return { ARGV[1], 'whole', now } end
end
redis.call('DEL', KEYS[1], KEYS[2])
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function discard(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
): Promise<ScriptReply> {
  const check = checkOf(id);
  return readReply(
    check,
    await DISCARD.run(client, [keys.session(id), keys.document(id)], [check]),
  );
}
