import { CLOCK_STEP_MS } from '../../core/record.js';
import { MAX_COOKIE_AGE_SECONDS } from '../../settings/lifetime-settings.js';
import { IS_NUMBER, IS_OWNER, LATER_MOMENTS, LAYOUT_VERSION, MOMENTS } from '../hash-codec.js';

/**
 * `now`: the time of Redis in whole milliseconds, the only clock that decides anything; `exact`: the same with its
 * fraction, for the order of what happens within one.
 */
export const NOW = `
local time = redis.call('TIME')
local exact = time[1] * 1000 + time[2] / 1000
local now = math.floor(exact)
`;

const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/**
 * `judge(key, check)`: what is under the key of a session, by the rules of `recordOfHash`: `none`; `foreign` for what is no whole
 * session, or not this one; `unreadable` for a session of another layout; `over` for one whose absolute end has passed
 * and that has lost its time to live; `whole`. Needs `now`.
 */
export const JUDGE = `${IS_NUMBER}${IS_OWNER}
local function judge(key, check)
  local type = redis.call('TYPE', key).ok
  if type == 'none' then return 'none' end
  if type ~= 'hash' then return 'foreign' end
  local own = redis.call('HMGET', key, '~id', '~v', ${quoted([...MOMENTS, ...LATER_MOMENTS])}, '~user')
  if own[1] ~= check or not own[2] or own[2] == '' then return 'foreign' end
  if own[2] ~= '${LAYOUT_VERSION}' then return 'unreadable' end
  if not is_owner(own[#own]) then return 'foreign' end
  for i = 3, #own - 1 do
    if not is_number(own[i]) and (own[i] or i <= ${2 + MOMENTS.length}) then return 'foreign' end
  end
  return tonumber(own[${2 + MOMENTS.length}]) > now and 'whole' or 'over'
end
`;

/**
 * `on_set(command, set, ...)`: a command on a user's set. A key of another type is something else's work: it is removed, and
 * the set is made anew by the next requests of the sessions that were in it.
 */
export const ON_SET = `
local function on_set(command, set, ...)
  local reply = redis.pcall(command, set, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  local found = redis.call('TYPE', set).ok
  if found ~= 'set' and found ~= 'none' then redis.call('DEL', set) end
  return redis.call(command, set, ...)
end
`;

/** `remember(set, id, ms)`: puts an id into a user's set, whose time to live only grows. */
export const REMEMBER = `${ON_SET}
local function remember(set, id, ms)
  on_set('SADD', set, id)
  if redis.call('PTTL', set) < ms then redis.call('PEXPIRE', set, ms) end
end
`;

/**
 * `met(set)`: some ids of a user's set, if it is larger than those of most users: for the caller to look whether they are
 * sessions still. About as many are looked at as one sign-in adds, times eight, so that dead ones stay the smaller part.
 */
export const MET = `
local function met(set)
  return on_set('SCARD', set) > 16 and redis.call('SRANDMEMBER', set, 8) or {}
end
`;

/**
 * `last_use(key)`: when a session was used last, and when its user authenticated; nothing if there is none. What is no
 * number, or no session at all, was used long ago: it is the first to end. NaN has no place in an order.
 */
export const LAST_USE = `
local function moment(text)
  local value = tonumber(text or nil)
  return value and value == value and value or 0
end
local function last_use(key)
  local found = redis.pcall('HMGET', key, '~seen', '~auth')
  if not found.err and not found[1] and redis.call('EXISTS', key) == 0 then return nil end
  return moment(found[1]), moment(found[2])
end
`;

/** The longest that a session, and with it an epoch, can live. */
const LONGEST_MS = MAX_COOKIE_AGE_SECONDS * 1000;

/**
 * A user's epoch voids what they proved before it.
 *
 * `epoch_of(key)`: the epoch as it is stored, or `false`. What cannot be one was written by something else, perhaps over a
 * sign-out everywhere, so it counts as one of this moment.
 *
 * `next_epoch(epoch)`: that of a sign-out everywhere now. Later than the one before it also where the clock was set
 * back meanwhile: what was proved in between has a moment behind that one.
 *
 * `is_void(epoch, auth, spared)`: whether a session counts no more. `proof(epoch, age, after)`: the moment of a proof
 * that is so old, to be kept as `~auth`, or nothing if it is void; one that came after this very epoch is not. `~auth` is in whole milliseconds, so a proof that came
 * later within the same millisecond is kept as the next one.
 * An epoch ahead of the clock is from before the clock was set back: a proof of now came after it.
 */
export const VOID = `${IS_NUMBER}
local function epoch_of(key)
  local epoch = redis.pcall('GET', key)
  if not epoch then return false end
  if type(epoch) == 'string' and is_number(epoch) and tonumber(epoch) < exact + ${LONGEST_MS} then return epoch end
  epoch = string.format('%.3f', exact)
  redis.pcall('SET', key, epoch, 'PX', ${LONGEST_MS})
  return epoch
end
local function next_epoch(epoch)
  return string.format('%.3f', epoch and math.max(exact, math.floor(epoch) + 1) or exact)
end
local function is_void(epoch, auth, spared)
  local proven, spared_from = is_number(auth) and auth or 0, is_number(spared) and spared or 0
  return epoch and tonumber(proven) <= math.floor(epoch) and tonumber(epoch) > tonumber(spared_from)
end
local function proof(epoch, age, after)
  local auth = exact - age
  if not epoch then return math.floor(auth) end
  if epoch == after or auth > tonumber(epoch) or tonumber(epoch) > exact + ${CLOCK_STEP_MS} then
    return math.max(math.floor(auth), math.floor(epoch) + 1)
  end
end
`;

/**
 * The changes of a request, in ARGV from a position on: the number of fields to check, to set, to add to and to
 * remove; then field and expected text ('' = absent); field and text; field and amount; field.
 *
 * `refusal(key, at)` looks first, so that a commit is applied whole or not at all: a list of conflicts, or the name
 * of a field that does not hold a number. `apply(key, at)` writes, and returns the position behind the changes.
 */
export const CHANGES = `
local function spans(at)
  local checks = at + 4
  local sets = checks + 2 * ARGV[at]
  local adds = sets + 2 * ARGV[at + 1]
  local removes = adds + 2 * ARGV[at + 2]
  return checks, sets, adds, removes, removes + ARGV[at + 3]
end

-- What HINCRBY and HINCRBYFLOAT take: tonumber takes more.
local function is_integer(text) return string.find(text, '^-?[1-9]%d*$') ~= nil or text == '0' end
local function to_number(text) return string.find(text, '^-?%d[%d.eE+-]*$') and tonumber(text) end

local function refusal(key, at)
  local checks, sets, adds, removes = spans(at)
  local conflicts = {}
  for i = checks, sets - 1, 2 do
    local current = redis.call('HGET', key, ARGV[i]) or ''
    if current ~= ARGV[i + 1] then
      conflicts[#conflicts + 1] = ARGV[i]
      conflicts[#conflicts + 1] = current
    end
  end
  if #conflicts > 0 then return { 'conflict', conflicts } end
  for i = adds, removes - 1, 2 do
    local current = to_number(redis.call('HGET', key, ARGV[i]) or '0')
    if not current or math.abs(current + ARGV[i + 1]) > 9007199254740991 then
      return { 'not a number', { ARGV[i] } }
    end
  end
end

local function apply(key, at)
  local _, sets, adds, removes, stop = spans(at)
  for i = sets, adds - 1, 2 do redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
  for i = adds, removes - 1, 2 do
    local current = redis.call('HGET', key, ARGV[i]) or '0'
    local add = is_integer(current) and is_integer(ARGV[i + 1]) and 'HINCRBY' or 'HINCRBYFLOAT'
    redis.call(add, key, ARGV[i], ARGV[i + 1])
  end
  for i = removes, stop - 1 do redis.call('HDEL', key, ARGV[i]) end
  return stop
end
`;

/**
 * `is_indexed(known, version)`: whether a session's document is right for a declaration. `known` is the field
 * `~index`: the declarations that it is right for, joined by `+`; `none` if the session changed since, in a way that
 * whoever changed it could not index; nothing if there is no document.
 */
export const IS_INDEXED = `
local function is_indexed(known, version)
  return known and string.find('+' .. known .. '+', '+' .. version .. '+', 1, true) ~= nil
end
`;

/**
 * What a commit does to the index document, in ARGV from a position on: the version of the declaration ('' = none
 * here), '1' if the document has to be made anew, the number of its fields to set, to remove and to copy from the
 * session; then field and text; field; field and session field.
 *
 * `index(session, document, known, at)` writes them and answers '', or 'unindexed' if the document is to be made
 * anew. What another version of the application has indexed is not right for it any more.
 */
export const INDEX = `${IS_INDEXED}
local function index(session, document, known, at)
  local version, sets = ARGV[at], at + 5
  local removes = sets + 2 * ARGV[at + 2]
  local copies = removes + ARGV[at + 3]
  local stop = copies + 2 * ARGV[at + 4]
  if sets == stop and ARGV[at + 1] == '' and (known or '') == version then return '' end

  local has_document = known and redis.call('TYPE', document).ok == 'hash'
  local is_right = version ~= '' and ARGV[at + 1] == '' and has_document and is_indexed(known, version)
  local right_for = is_right and version or 'none'
  if known and known ~= right_for then
    redis.call('HSET', session, '~index', right_for)
    if has_document then redis.call('HSET', document, 'indexedFor', right_for) end
  end
  if not is_right then return version ~= '' and 'unindexed' or '' end

  if sets < removes then redis.call('HSET', document, unpack(ARGV, sets, removes - 1)) end
  if removes < copies then redis.call('HDEL', document, unpack(ARGV, removes, copies - 1)) end
  for i = copies, stop - 1, 2 do
    redis.call('HSET', document, ARGV[i], redis.call('HGET', session, ARGV[i + 1]))
  end
  return ''
end
`;
