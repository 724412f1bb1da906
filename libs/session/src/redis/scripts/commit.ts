import type { Expectations, SessionChanges } from '../../core/changes.js';
import type { SessionIndex } from '../../core/session-index.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { changesArgs } from './changes-args.js';
import { documentChangesArgs } from './document-args.js';
import { readReply, type ScriptReply } from './reply.js';
import { CHANGES, INDEX, NOW } from './shared-lua.js';

const COMMIT = new Script(`--[[ commit: writes what a request changed, unless the session is gone.
  KEYS[1]  session hash (must exist)
  KEYS[2]  its index document
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  changes; then those of the index document, to the end
  returns  check, saved | gone | conflict | not a number, now; saved: then the user or '', and '' | unindexed;
           otherwise the fields at fault and their texts
  cost     O(changed fields), one slot ]]
${NOW}${CHANGES}${INDEX}
local session = redis.call('HMGET', KEYS[1], '~id', '~index', '~user')
if session[1] ~= ARGV[1] then return { ARGV[1], 'gone', now } end
local refused = refusal(KEYS[1], 2)
if refused then return { ARGV[1], refused[1], now, unpack(refused[2]) } end
local behind = apply(KEYS[1], 2)
return { ARGV[1], 'saved', now, session[3] or '', index(KEYS[1], KEYS[2], session[2], behind) }
`);

/** One round trip. */
export async function commit(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
  changes: SessionChanges,
  expected: Expectations,
  index: SessionIndex,
): Promise<ScriptReply> {
  const check = checkOf(id);
  const args = [check, ...changesArgs(changes, expected), ...documentChangesArgs(index, changes)];
  return readReply(check, await COMMIT.run(client, [keys.session(id), keys.document(id)], args));
}
