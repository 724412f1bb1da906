import type { SessionRecord } from '../../core/record.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { GONE_MS } from './revoke.js';
import { NOW } from './shared-lua.js';

const CONFIRM =
  new Script(`--[[ confirm: the token of a session was seen, so the one before it leads there no longer.
  KEYS[1]  session hash (must exist)
  KEYS[2]  why the former session is gone
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  id of the former session
  ARGV[3]  how long to say that it was renewed, ms
  returns  check, saved | gone (or it has another former id), now
  cost     O(1), one slot ]]
${NOW}
local session = redis.call('HMGET', KEYS[1], '~id', '~former')
if session[1] ~= ARGV[1] or session[2] ~= ARGV[2] then return { ARGV[1], 'gone', now } end
redis.call('HDEL', KEYS[1], '~former')
if redis.call('PTTL', KEYS[2]) > tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function confirm(
  client: RedisClient,
  keys: SessionKeys,
  { id }: SessionRecord,
  formerId: SessionId,
): Promise<ScriptReply> {
  const check = checkOf(id);
  const names = [keys.session(id), keys.gone(formerId)];
  return readReply(check, await CONFIRM.run(client, names, [check, formerId, GONE_MS.renewed]));
}
