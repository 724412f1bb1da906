import type { SessionChanges } from '../../core/changes.js';
import type { SessionIndex } from '../../core/session-index.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { changesArgs } from './changes-args.js';
import { documentChangesArgs } from './document-args.js';
import { readReply, type ScriptReply } from './reply.js';
import { CHANGES, INDEX, NOW, VOID } from './shared-lua.js';

const EXTEND =
  new Script(`--[[ extend: writes what a request changed, and says anew how long the session lives.
  KEYS[1]  session hash (must exist)
  KEYS[2]  its index document
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  time to live, ms
  ARGV[3]  idle timeout, s
  ARGV[4]  user whose epoch is known, '' for none
  ARGV[5]  that epoch, '' for none
  ARGV[6]  changes; then those of the index document, to the end
  returns  check, saved | gone (or void) | conflict | not a number, now; saved: then '' | unindexed;
           otherwise the fields at fault and their texts
  cost     O(changed fields), one slot ]]
${NOW}${VOID}${CHANGES}${INDEX}
local session = redis.call('HMGET', KEYS[1], '~id', '~user', '~auth', '~spared', '~index')
if session[1] ~= ARGV[1] then return { ARGV[1], 'gone', now } end
if ARGV[5] ~= '' and session[2] == ARGV[4] and is_void(ARGV[5], session[3], session[4]) then
  redis.call('DEL', KEYS[1], KEYS[2])
  return { ARGV[1], 'gone', now }
end
local refused = refusal(KEYS[1], 6)
if refused then return { ARGV[1], refused[1], now, unpack(refused[2]) } end
local behind = apply(KEYS[1], 6)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
-- With memory full it is not noted, and nobody is signed out.
redis.pcall('HSET', KEYS[1], '~seen', now, '~idle', ARGV[3], '~until', now + ARGV[2])
return { ARGV[1], 'saved', now, index(KEYS[1], KEYS[2], session[5], behind) }
`);

/** How long a session lives from a request on. */
export interface Term {
  readonly idleMs: number;
  /** How much longer it may, so that not each request has to write; whole milliseconds, as `idleMs`. */
  readonly slackMs: number;
}

/** What is known of a user's epoch. */
export interface KnownEpoch {
  readonly userId: string;
  readonly epoch: string;
}

/** One round trip. */
export async function extend(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
  changes: SessionChanges,
  { idleMs, slackMs }: Term,
  known: KnownEpoch | undefined,
  index: SessionIndex,
): Promise<ScriptReply> {
  const check = checkOf(id);
  const life = [idleMs + slackMs, idleMs / 1000, known?.userId ?? '', known?.epoch ?? ''];
  const args = [check, ...life, ...changesArgs(changes), ...documentChangesArgs(index, changes)];
  return readReply(check, await EXTEND.run(client, [keys.session(id), keys.document(id)], args));
}
