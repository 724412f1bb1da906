import type { Expectations } from '../../core/changes.js';
import type { GoneReason } from '../../core/record.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { changesArgs } from './changes-args.js';
import { readReply, type ScriptReply } from './reply.js';
import { GONE_MS } from './revoke.js';
import { CHANGES, NOW, ON_SET } from './shared-lua.js';

const REVOKE_IF =
  new Script(`--[[ revoke-if: ends a session, unless what it was chosen for has changed.
  KEYS[1]  session hash (must exist)
  KEYS[2]  its index document
  KEYS[3]  the user's set
  KEYS[4]  why it is gone
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  id
  ARGV[3]  reason
  ARGV[4]  how long to keep the reason, ms
  ARGV[5]  changes that only check, to the end
  returns  check, saved | gone | conflict, now; conflict: then the fields at fault and their texts
  cost     O(checked fields), one slot ]]
${NOW}${ON_SET}${CHANGES}
if redis.call('HGET', KEYS[1], '~id') ~= ARGV[1] then return { ARGV[1], 'gone', now } end
local refused = refusal(KEYS[1], 5)
if refused then return { ARGV[1], refused[1], now, unpack(refused[2]) } end
redis.call('DEL', KEYS[1], KEYS[2])
on_set('SREM', KEYS[3], ARGV[2])
redis.pcall('SET', KEYS[4], ARGV[1] .. ' ' .. ARGV[3], 'PX', ARGV[4])
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function revokeIf(
  client: RedisClient,
  keys: SessionKeys,
  { id, userId }: { readonly id: SessionId; readonly userId: string | undefined },
  reason: GoneReason,
  expected: Expectations,
): Promise<ScriptReply> {
  const check = checkOf(id);
  const [userSet] = keys.ofOwner(id, userId);
  return readReply(
    check,
    await REVOKE_IF.run(
      client,
      [keys.session(id), keys.document(id), userSet, keys.gone(id)],
      [check, id, reason, GONE_MS[reason], ...changesArgs(new Map(), expected)],
    ),
  );
}
