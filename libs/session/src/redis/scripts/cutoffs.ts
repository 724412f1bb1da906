import { randomUUID } from 'node:crypto';
import {
  type CutoffRequest,
  MOST_AHEAD_MS,
  MOST_CUTOFFS,
  scopesOf,
} from '../../core/session-cutoffs.js';
import type { RedisClient } from '../../redis-client.js';
import { MAX_COOKIE_AGE_SECONDS } from '../../settings/lifetime-settings.js';
import { IS_NUMBER } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW } from './shared-lua.js';

/** No session lives longer, so no cutoff is needed longer. */
const LONGEST_MS = MAX_COOKIE_AGE_SECONDS * 1000;

/** A moment further ahead of the clock of Redis than a clock is set back is none. */
export const LONGEST_STEP_MS = 86_400_000;

/** What every answer begins with: these scripts act on no session. */
const CHECK = 'cutoffs';

const READ_CUTOFFS =
  new Script(`--[[ read-cutoffs: the cutoffs, unless the caller knows them already.
  KEYS[1]  cutoffs
  ARGV[1]  '${CHECK}'
  ARGV[2]  the version that the caller knows, '' for none
  returns  ARGV[1], same | read, now; read: then the hash: scopes and moments, in turn, and 'version'; nothing where
           it is of another type
  cost     O(1) where it is the same, else O(cutoffs); one slot ]]
${NOW}
local version = redis.pcall('HGET', KEYS[1], 'version')
if type(version) == 'string' and version == ARGV[2] then return { ARGV[1], 'same', now } end
if type(version) == 'table' then return { ARGV[1], 'read', now, {} } end
return { ARGV[1], 'read', now, redis.call('HGETALL', KEYS[1]) }
`);

const CUT_OFF = new Script(`#!lua flags=allow-oom
--[[ cut-off: sessions from before a moment are invalid.
  KEYS[1]  cutoffs
  ARGV[1]  '${CHECK}'
  ARGV[2]  the moment, ms
  ARGV[3]  the version that this write makes
  ARGV[4]  scope; and so on
  returns  ARGV[1], saved | ahead (the moment is in the future) | full, now
  cost     O(cutoffs), one slot; works when memory is full. What cannot be a moment, or is too old to matter, is removed ]]
${NOW}${IS_NUMBER}
local before = tonumber(ARGV[2])
if before > now + ${MOST_AHEAD_MS} then return { ARGV[1], 'ahead', now } end
-- Behind this millisecond, so that sessions that began in it count as earlier.
local moment = math.min(before, now + 1)

if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
local known, latest, tenants = {}, moment, 0
-- That for all users is never one too many.
local function keep(scope, at)
  if not known[scope] and scope ~= 'users' and scope ~= 'guests' then tenants = tenants + 1 end
  known[scope], latest = at, math.max(latest, at)
end
local found = redis.call('HGETALL', KEYS[1])
for i = 1, #found, 2 do
  local scope, text = found[i], found[i + 1]
  local is_scope = scope == 'users' or scope == 'guests' or string.find(scope, '^%l+ {') == 1
  local at = is_scope and is_number(text) and tonumber(text)
  if at and at > now - ${LONGEST_MS} and at <= now + ${LONGEST_STEP_MS} then keep(scope, at)
  elseif scope ~= 'version' then redis.call('HDEL', KEYS[1], scope) end
end

local later = {}
for i = 4, #ARGV do
  local at = known[ARGV[i]]
  if not at or at < moment then
    later[#later + 1] = ARGV[i]
    keep(ARGV[i], moment)
  end
end
if tenants > ${MOST_CUTOFFS} then return { ARGV[1], 'full', now } end
for _, scope in ipairs(later) do
  redis.call('HSET', KEYS[1], scope, string.format('%.0f', moment), 'version', ARGV[3])
end
redis.call('PEXPIRE', KEYS[1], math.ceil(latest + ${LONGEST_MS} - now))
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function readCutoffs(
  client: RedisClient,
  keys: SessionKeys,
  version: string,
): Promise<ScriptReply> {
  return readReply(CHECK, await READ_CUTOFFS.run(client, [keys.cutoffs], [CHECK, version]));
}

/** One round trip. */
export async function cutOff(
  client: RedisClient,
  keys: SessionKeys,
  request: CutoffRequest,
): Promise<ScriptReply> {
  const args = [CHECK, request.before, randomUUID(), ...scopesOf(request)];
  return readReply(CHECK, await CUT_OFF.run(client, [keys.cutoffs], args));
}
