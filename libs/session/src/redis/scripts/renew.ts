import type { NewSession, Renewal } from '../../core/outcome.js';
import type { SessionRecord } from '../../core/record.js';
import type { SessionIndex } from '../../core/session-index.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { changesArgs } from './changes-args.js';
import { documentChangesArgs, identityOf } from './document-args.js';
import { deviceFields, provenAgoMs } from './create.js';
import { readReply, type ScriptReply } from './reply.js';
import { GONE_MS } from './revoke.js';
import { CHANGES, INDEX, NOW, REMEMBER, VOID } from './shared-lua.js';

const RENEW =
  new Script(`--[[ renew: moves a session to a new id and ends the old one, within one slot.
  KEYS[1]  session hash, old (must exist)
  KEYS[2]  session hash, new
  KEYS[3]  the user's set
  KEYS[4]  the user's epoch
  KEYS[5]  why the old session is gone
  KEYS[6]  index document, old
  KEYS[7]  index document, new
  KEYS[8]  why the session of ARGV[12] is gone; KEYS[5] where there is none
  ARGV[1]  check of the new session
  ARGV[2]  check of the old session
  ARGV[3]  id, new
  ARGV[4]  id, old
  ARGV[5]  touch interval, ms
  ARGV[6]  how long to say that the old one was renewed, ms
  ARGV[7]  idle timeout, s
  ARGV[8]  absolute timeout, s
  ARGV[9]  user id if they have just proved who they are, else ''
  ARGV[10] how long ago they proved it, ms
  ARGV[11] the epoch that the proof came after, if it is known
  ARGV[12] id whose token leads to the session until the new one was seen, '' for none
  ARGV[13] number of fields of our own; then fields and texts, in turn; then the changes and those of
           the index document, to the end
  returns  check of the new session, saved | gone | conflict | not a number, now; saved: then the epoch, if there is
           one, and '' | unindexed; otherwise the fields at fault
  cost     O(changed fields), one slot ]]
${NOW}${REMEMBER}${VOID}${CHANGES}${INDEX}
local session = redis.call('HMGET', KEYS[1], '~id', '~idle', '~until', '~user', '~auth', '~spared', '~index', '~former')
local is_whole = is_number(session[2]) and is_number(session[3])
if session[1] ~= ARGV[2] or not is_whole then return { ARGV[1], 'gone', now } end
local user = ARGV[9] ~= '' and ARGV[9] or session[4]
local auth, spared = session[5], session[6]
local epoch = user and epoch_of(KEYS[4])
if ARGV[9] ~= '' then auth = proof(epoch, ARGV[10], ARGV[11])
elseif is_void(epoch, auth, spared) then auth = nil end
if user and not auth then return { ARGV[1], 'gone', now } end
local first = 14 + 2 * ARGV[13]
local refused = refusal(KEYS[1], first)
if refused then return { ARGV[1], refused[1], now, unpack(refused[2]) } end

local idle, left = session[2] * 1000, session[3] - now
-- One HSET that may be refused (memory full) before anything has happened; RENAME takes no memory.
if ARGV[9] ~= '' then
  idle, left = ARGV[7] * 1000, ARGV[8] * 1000
  redis.call('HSET', KEYS[1], '~id', ARGV[1], '~seen', now, '~user', user, '~auth', auth,
    '~idle', ARGV[7], '~until', now + left)
else
  redis.call('HSET', KEYS[1], '~id', ARGV[1], '~seen', now, '~renewed', now)
end
if ARGV[12] ~= '' then redis.call('HSET', KEYS[1], '~former', ARGV[12])
elseif session[8] then redis.call('HDEL', KEYS[1], '~former') end
for i = 14, first - 1, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
local behind = apply(KEYS[1], first)
redis.call('RENAME', KEYS[1], KEYS[2])
local ttl = math.min(idle + ARGV[5], left)
redis.call('PEXPIRE', KEYS[2], ttl)
local has_document = session[7] and redis.call('EXISTS', KEYS[6]) == 1
if has_document then
  redis.call('RENAME', KEYS[6], KEYS[7])
  redis.call('PEXPIRE', KEYS[7], ttl)
end
local indexed = index(KEYS[2], KEYS[7], session[7], behind)
if has_document and indexed == '' and ARGV[9] ~= '' then
  redis.call('HSET', KEYS[7], 'signedInAt', auth, 'createdAt', redis.call('HGET', KEYS[2], '~created'))
end
if user then
  on_set('SREM', KEYS[3], ARGV[4])
  remember(KEYS[3], ARGV[3], left)
end
-- A rotated token is still the same session: who signs out with the old one finds the new one. A session that was
-- signed in to is another, and the old token leads nowhere.
local gone = ARGV[2] .. ' renewed:' .. ARGV[3]
if ARGV[9] ~= '' then gone = gone .. ':signed-in' elseif ARGV[12] ~= '' then gone = gone .. ':alias' end
redis.call('SET', KEYS[5], gone, 'PX', ARGV[6])
if ARGV[12] ~= '' then
  gone = string.sub(ARGV[12], 1, 8) .. ' renewed:' .. ARGV[3] .. ':alias'
  redis.call('SET', KEYS[8], gone, 'PX', math.max(ttl, ARGV[6]))
end
return { ARGV[1], 'saved', now, epoch or '', indexed }
`);

/** Only where it changes, so that most sessions do without. */
function rememberedField(
  { isRemembered: was }: Pick<SessionRecord, 'isRemembered'>,
  { isRemembered = false }: Pick<NewSession, 'isRemembered'>,
): string[] {
  return was === isRemembered ? [] : ['~remembered', isRemembered ? '1' : '0'];
}

/** One round trip. Old and new must share a slot. */
export async function renewInSlot(
  client: RedisClient,
  keys: SessionKeys,
  { from, next, isAuthenticated, alias, changes }: Renewal,
  touchIntervalMs: number,
  index: SessionIndex,
): Promise<ScriptReply> {
  const check = checkOf(next.id);
  const { idleSeconds, absoluteSeconds } = next.lifetime;
  const own = isAuthenticated ? [...deviceFields(next), ...rememberedField(from, next)] : [];
  return readReply(
    check,
    await RENEW.run(
      client,
      [
        keys.session(from.id),
        keys.session(next.id),
        ...keys.ofOwner(next.id, next.userId),
        keys.gone(from.id),
        keys.document(from.id),
        keys.document(next.id),
        keys.gone(alias ?? from.id),
      ],
      [
        check,
        checkOf(from.id),
        next.id,
        from.id,
        touchIntervalMs,
        GONE_MS.renewed,
        idleSeconds,
        absoluteSeconds,
        (isAuthenticated && next.userId) || '',
        provenAgoMs(next),
        next.afterEpoch ?? '',
        alias ?? '',
        own.length / 2,
        ...own,
        ...changesArgs(changes),
        ...documentChangesArgs(index, changes, isAuthenticated ? identityOf(next) : []),
      ],
    ),
  );
}
