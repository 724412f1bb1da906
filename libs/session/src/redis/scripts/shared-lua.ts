/**
 * `now`: the time of Redis in whole milliseconds, the only clock that decides anything; `exact`: the same with its
 * fraction, for the order of what happens within one.
 */
export const NOW = `
local time = redis.call('TIME')
local exact = time[1] * 1000 + time[2] / 1000
local now = math.floor(exact)
`;

/** `remember(set, id, ms)`: puts an id into a user's set, whose time to live only grows. */
export const REMEMBER = `
local function remember(set, id, ms)
  redis.call('SADD', set, id)
  if redis.call('PTTL', set) < ms then redis.call('PEXPIRE', set, ms) end
end
`;

/**
 * A user's epoch voids what they proved before it.
 *
 * `is_void(epoch, auth, spared)`: whether a session counts no more. `proof(epoch, age, after)`: the moment of a proof
 * that is so old, to be kept as `~auth`, or nothing if it is void; one that came after this very epoch is not. `~auth` is in whole milliseconds, so a proof that came
 * later within the same millisecond is kept as the next one.
 */
export const VOID = `
local function is_void(epoch, auth, spared)
  return epoch and tonumber(auth or 0) <= math.floor(epoch) and tonumber(epoch) > tonumber(spared or 0)
end
local function proof(epoch, age, after)
  local auth = exact - age
  if not epoch then return math.floor(auth) end
  if epoch == after or auth > tonumber(epoch) then return math.max(math.floor(auth), math.floor(epoch) + 1) end
end
`;

/**
 * The changes of a request, in ARGV from a position on: the number of fields to set, to replace, to add to and to
 * remove; then field and text; field, expected text ('' = absent) and text; field and amount; field.
 *
 * `refusal(key, at)` looks first, so that a commit is applied whole or not at all: a list of conflicts, or the name
 * of a field that does not hold a number. `apply(key, at)` writes.
 */
export const CHANGES = `
local function spans(at)
  local sets = at + 4
  local replaces = sets + 2 * ARGV[at]
  local adds = replaces + 3 * ARGV[at + 1]
  local removes = adds + 2 * ARGV[at + 2]
  return sets, replaces, adds, removes, removes + ARGV[at + 3]
end

local function is_integer(text) return string.find(text, '^-?%d+$') ~= nil end

local function refusal(key, at)
  local _, replaces, adds, removes = spans(at)
  local conflicts = {}
  for i = replaces, adds - 1, 3 do
    local current = redis.call('HGET', key, ARGV[i]) or ''
    if current ~= ARGV[i + 1] then
      conflicts[#conflicts + 1] = ARGV[i]
      conflicts[#conflicts + 1] = current
    end
  end
  if #conflicts > 0 then return { 'conflict', conflicts } end
  for i = adds, removes - 1, 2 do
    local current = tonumber(redis.call('HGET', key, ARGV[i]) or '0')
    if not current or math.abs(current + ARGV[i + 1]) > 9007199254740991 then
      return { 'not a number', { ARGV[i] } }
    end
  end
end

local function apply(key, at)
  local sets, replaces, adds, removes, stop = spans(at)
  for i = sets, replaces - 1, 2 do redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
  for i = replaces, adds - 1, 3 do redis.call('HSET', key, ARGV[i], ARGV[i + 2]) end
  for i = adds, removes - 1, 2 do
    local current = redis.call('HGET', key, ARGV[i]) or '0'
    local add = is_integer(current) and is_integer(ARGV[i + 1]) and 'HINCRBY' or 'HINCRBYFLOAT'
    redis.call(add, key, ARGV[i], ARGV[i + 1])
  end
  for i = removes, stop - 1 do redis.call('HDEL', key, ARGV[i]) end
end
`;
