import type { SessionChanges } from '../../core/changes.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { changesArgs } from './changes-args.js';
import { readReply, type ScriptReply } from './reply.js';
import { CHANGES, NOW } from './shared-lua.js';

const COMMIT = new Script(`--[[ commit: writes what a request changed, unless the session is gone.
  KEYS[1]  session hash (must exist)
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  changes, to the end
  returns  check, saved | gone | conflict | not a number, now; then the fields at fault and their texts
  cost     O(changed fields), one slot ]]
${NOW}${CHANGES}
if redis.call('HGET', KEYS[1], '~id') ~= ARGV[1] then return { ARGV[1], 'gone', now } end
local refused = refusal(KEYS[1], 2)
if refused then return { ARGV[1], refused[1], now, unpack(refused[2]) } end
apply(KEYS[1], 2)
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function commit(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
  changes: SessionChanges,
): Promise<ScriptReply> {
  const check = checkOf(id);
  return readReply(
    check,
    await COMMIT.run(client, [keys.session(id)], [check, ...changesArgs(changes)]),
  );
}
