import type { NewSession } from '../../core/outcome.js';
import type { SessionIndex } from '../../core/session-index.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import type { SessionLimitOptions } from '../../session.options.js';
import { checkOf, LAYOUT_VERSION } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { newDocumentArgs } from './document-args.js';
import { readReply, type ScriptReply } from './reply.js';
import { GONE_MS } from './revoke.js';
import { LAST_USE, MET, NOW, REMEMBER, VOID } from './shared-lua.js';

/** Sessions of a user in one script, so that it takes no more than some milliseconds; the greatest limit that there is. */
export const MOST_NAMED = 1000;

const CREATE =
  new Script(`--[[ create: begins a session; where the user's sessions are limited, makes room or refuses.
  KEYS[1]  session hash (must not exist)
  KEYS[2]  the user's set
  KEYS[3]  the user's epoch
  KEYS[4]  the index document
  KEYS[5]  why a session of this id is gone (must not exist)
  KEYS[6]  another session of the user, KEYS[7] why it is gone, KEYS[8] its index document; and so on, in turn
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  id
  ARGV[3]  touch interval, ms
  ARGV[4]  idle timeout, s
  ARGV[5]  absolute timeout, s
  ARGV[6]  user id, '' for a guest
  ARGV[7]  how long ago the user proved who they are, ms
  ARGV[8]  the epoch that the proof came after, if it is known
  ARGV[9]  how many sessions the user may have, '' for any number
  ARGV[10] 'evict-least-recently-used' or 'refuse'
  ARGV[11] how long to say that a session was evicted, ms
  ARGV[12] number of other sessions; then their ids, in the order of the keys
  ARGV[..] number of fields; then fields and texts, in turn
  ARGV[..] version of the declared index, '' for none; then fields and texts of the document, to the end
  returns  check, saved | gone (it exists, it ended a short while ago, or the epoch is newer
           than the proof) | limit | need-members, now;
           saved: then the epoch or '', the ids of the sessions that were evicted, and some ids of a large set;
           need-members: the set holds others than those named; then all its ids, to be named in another call, or none
           where these are more than one call may name
  cost     O(fields + sessions of the user where they are limited), one slot ]]
${NOW}${REMEMBER}${VOID}${MET}${LAST_USE}
if redis.call('EXISTS', KEYS[1], KEYS[5]) > 0 then return { ARGV[1], 'gone', now } end
local user = ARGV[6] ~= '' and ARGV[6]
local epoch = user and epoch_of(KEYS[3])
local auth = proof(epoch, ARGV[7], ARGV[8])
if not auth then return { ARGV[1], 'gone', now } end

local first = 13 + ARGV[12]
local evicted = {}
local limit = user and tonumber(ARGV[9])
local size = limit and on_set('SCARD', KEYS[2])
if limit and size >= limit then
  if size > ${MOST_NAMED} then return { ARGV[1], 'need-members', now, {} } end
  local named = {}
  for i = 13, first - 1 do named[ARGV[i]] = 6 + 3 * (i - 13) end
  local members = redis.call('SMEMBERS', KEYS[2])
  local live = {}
  for _, id in ipairs(members) do
    if not named[id] then return { ARGV[1], 'need-members', now, members } end
    local seen, auth = last_use(KEYS[named[id]])
    if seen then live[#live + 1] = { id = id, key = named[id], auth = auth, seen = seen }
    else redis.call('SREM', KEYS[2], id) end
  end
  if #live >= limit and ARGV[10] == 'refuse' then return { ARGV[1], 'limit', now } end
  table.sort(live, function(a, b)
    if a.seen ~= b.seen then return a.seen < b.seen end
    return a.auth < b.auth
  end)
  for i = 1, #live - limit + 1 do
    redis.call('DEL', KEYS[live[i].key], KEYS[live[i].key + 2])
    redis.call('SREM', KEYS[2], live[i].id)
    evicted[i] = live[i].id
    redis.call('SET', KEYS[live[i].key + 1], string.sub(live[i].id, 1, 8) .. ' evicted', 'PX', ARGV[11])
  end
end

local left = math.ceil(ARGV[5] * 1000)
redis.call('HSET', KEYS[1], '~id', ARGV[1], '~v', ${LAYOUT_VERSION}, '~created', now, '~seen', now,
  '~idle', ARGV[4], '~until', now + left)
if user then redis.call('HSET', KEYS[1], '~user', user, '~auth', auth) end
local behind = first + 1 + 2 * ARGV[first]
for i = first + 1, behind - 1, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
local ttl = math.ceil(math.min(ARGV[4] * 1000 + ARGV[3], left))
redis.call('PEXPIRE', KEYS[1], ttl)
if ARGV[behind] ~= '' then
  redis.call('HSET', KEYS[1], '~index', ARGV[behind])
  -- One HSET: Search reads the whole document at each.
  local document = { 'indexedFor', ARGV[behind], 'createdAt', now, unpack(ARGV, behind + 1) }
  if user then
    document[#document + 1] = 'signedInAt'
    document[#document + 1] = auth
  end
  redis.call('HSET', KEYS[4], unpack(document))
  redis.call('PEXPIRE', KEYS[4], ttl)
end
if user then remember(KEYS[2], ARGV[2], left) end
return { ARGV[1], 'saved', now, epoch or '', evicted, user and met(KEYS[2]) or {} }
`);

/** What holds for every session that begins. */
export interface Terms {
  readonly touchIntervalMs: number;
  readonly userLimit: SessionLimitOptions | undefined;
}

/** One round trip. @param others the user's other sessions, as an answer `need-members` has named them. */
export async function create(
  client: RedisClient,
  keys: SessionKeys,
  session: Omit<NewSession, 'token'>,
  fields: ReadonlyMap<string, string>,
  { touchIntervalMs, userLimit }: Terms,
  others: readonly SessionId[],
  index: SessionIndex,
): Promise<ScriptReply> {
  const { id, userId, lifetime, isRemembered } = session;
  const own = [...deviceFields(session), ...(isRemembered ? ['~remembered', '1'] : [])];
  const check = checkOf(id);
  return readReply(
    check,
    await CREATE.run(
      client,
      [
        keys.session(id),
        ...keys.ofOwner(id, userId),
        keys.document(id),
        keys.gone(id),
        ...others.flatMap((other) => [keys.session(other), keys.gone(other), keys.document(other)]),
      ],
      [
        check,
        id,
        touchIntervalMs,
        lifetime.idleSeconds,
        lifetime.absoluteSeconds,
        userId ?? '',
        provenAgoMs(session),
        session.afterEpoch ?? '',
        userLimit?.limit ?? '',
        userLimit?.whenReached ?? '',
        GONE_MS.evicted,
        others.length,
        ...others,
        own.length / 2 + fields.size,
        ...own,
        ...[...fields].flat(),
        ...newDocumentArgs(index, session, fields),
      ],
    ),
  );
}

/** The device as fields of the hash; a guest's is nobody's business. */
export function deviceFields({ userId, device }: Pick<NewSession, 'userId' | 'device'>): string[] {
  if (userId === undefined) return [];
  const { address, agent } = device;
  return [...(address ? ['~ip', address] : []), ...(agent ? ['~agent', agent] : [])];
}

/** The age of the proof is what is sent: it means the same to every clock. Below zero where it has to count as later. */
export function provenAgoMs({ provenAt }: Pick<NewSession, 'provenAt'>): number {
  return performance.now() - provenAt;
}
