import type { SessionRecord } from '../../core/record.js';
import type { Lifetime } from '../../session.settings.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { IS_INDEXED, NOW, REMEMBER, VOID } from './shared-lua.js';

const TOUCH = new Script(`--[[ touch: slides the time to live of a session that is being used.
  KEYS[1]  session hash (must exist)
  KEYS[2]  the user's set
  KEYS[3]  the user's epoch
  KEYS[4]  the index document
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  id
  ARGV[3]  touch interval, ms
  ARGV[4]  version of the declared index, '' for none
  ARGV[5]  idle timeout that is allowed by now, s; ARGV[6] absolute timeout, s: a session that began under longer ones gets these
  returns  check, saved | gone | void (it ended, by a sign-out everywhere), now; saved: then '' | unindexed
  cost     O(1), one slot ]]
${NOW}${REMEMBER}${VOID}${IS_INDEXED}
local session = redis.call('HMGET', KEYS[1], '~id', '~idle', '~until', '~user', '~auth', '~spared', '~index',
  '~created', '~seen')
local is_whole = is_number(session[2]) and is_number(session[3]) and is_number(session[8]) and is_number(session[9])
if session[1] ~= ARGV[1] or not is_whole then return { ARGV[1], 'gone', now } end

local idle = math.min(session[2], ARGV[5])
local deadline = math.min(session[3], math.max(session[8], session[5] or 0) + ARGV[6] * 1000)
local left = deadline - now
local longest = idle * 1000 + ARGV[3]
local ttl = math.min(longest, left)
local is_lowered = idle < tonumber(session[2]) or deadline < tonumber(session[3])
-- A key that lives longer than is allowed by now was not touched since, so ~seen tells for how long. After a touch ~seen does
-- not where memory is full.
if is_lowered and session[9] + longest <= now and redis.call('PTTL', KEYS[1]) > longest then ttl = 0 end
local epoch = session[4] and epoch_of(KEYS[3])
local void = is_void(epoch, session[5], session[6])
if ttl <= 0 or void then
  redis.call('DEL', KEYS[1], KEYS[4])
  if session[4] then on_set('SREM', KEYS[2], ARGV[2]) end
  return { ARGV[1], void and 'void' or 'gone', now }
end

-- First the deadline, then ~seen: with memory full PEXPIRE still works and HSET does not. The other order
-- would sign people out because Redis is full.
redis.call('PEXPIRE', KEYS[1], ttl)
if is_lowered then redis.pcall('HSET', KEYS[1], '~seen', now, '~idle', idle, '~until', deadline)
else redis.pcall('HSET', KEYS[1], '~seen', now) end
local has_document = session[7] and redis.call('PEXPIRE', KEYS[4], ttl) == 1

-- A set that was lost (evicted, deleted by hand) heals with the next request of each session.
if session[4] and on_set('SISMEMBER', KEYS[2], ARGV[2]) == 0 then
  pcall(remember, KEYS[2], ARGV[2], left)
end
if ARGV[4] == '' or (has_document and is_indexed(session[7], ARGV[4])) then return { ARGV[1], 'saved', now, '' } end
return { ARGV[1], 'saved', now, 'unindexed' }
`);

/** One round trip. */
export async function touch(
  client: RedisClient,
  keys: SessionKeys,
  { id, userId }: SessionRecord,
  touchIntervalMs: number,
  indexVersion: string,
  limit: Lifetime,
): Promise<ScriptReply> {
  const check = checkOf(id);
  const touched = [keys.session(id), ...keys.ofOwner(id, userId), keys.document(id)];
  const { idleSeconds, absoluteSeconds } = limit;
  const args = [check, id, touchIntervalMs, indexVersion, idleSeconds, absoluteSeconds];
  return readReply(check, await TOUCH.run(client, touched, args));
}
