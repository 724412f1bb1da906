import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { OutOfStepError } from '../store-error.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW } from './shared-lua.js';

const DISCARD = new Script(`--[[ discard: removes what is under the key of a session and is none.
  KEYS[1]  session hash
  KEYS[2]  its index document
  ARGV[1]  check: what a session carries in ~id
  returns  check, saved (removed) | gone (there is nothing) | whole (it is this session: the reply that said otherwise was
           not about it), now
  cost     O(1), one slot ]]
${NOW}
local type = redis.call('TYPE', KEYS[1]).ok
if type == 'none' then return { ARGV[1], 'gone', now } end
if type == 'hash' then
  local is_whole = true
  for _, text in ipairs(redis.call('HMGET', KEYS[1], '~created', '~seen', '~idle', '~until')) do
    is_whole = is_whole and tonumber(text or '')
  end
  if is_whole and redis.call('HGET', KEYS[1], '~id') == ARGV[1] then return { ARGV[1], 'whole', now } end
end
redis.call('DEL', KEYS[1], KEYS[2])
return { ARGV[1], 'saved', now }
`);

/**
 * One round trip.
 *
 * @throws {OutOfStepError} when it is the session: whoever found something else was told about that.
 */
export async function discard(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
): Promise<ScriptReply> {
  const check = checkOf(id);
  const names = [keys.session(id), keys.document(id)];
  const reply = readReply(check, await DISCARD.run(client, names, [check]));
  if (reply.status === 'whole') throw new OutOfStepError();
  return reply;
}
