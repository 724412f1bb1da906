import type { GoneReason } from '../../core/record.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { type GoneText, reasonOf } from '../gone-codec.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW, ON_SET } from './shared-lua.js';

/** How long it is remembered why a session ended. */
export const GONE_MS: Record<GoneReason, number> = {
  renewed: 60_000,
  'signed-out': 300_000,
  revoked: 300_000,
  evicted: 300_000,
};

const REVOKE = new Script(`--[[ revoke: ends sessions of one user, or of nobody.
  KEYS[1]  the user's set
  KEYS[2]  session hash, KEYS[3] why it is gone, KEYS[4] its index document; and so on, in turn
  ARGV[1]  check of the first session
  ARGV[2]  reason
  ARGV[3]  how long to keep the reason, ms
  ARGV[4]  '1' to give back the fields of the sessions
  ARGV[5]  id; and so on, in the order of the keys
  returns  check, saved, now, how many were alive; then fields and texts, in turn, if asked for; else, where only some
           were alive, the places of these among the ids
  cost     O(sessions), one slot ]]
${NOW}${ON_SET}
local reply = { ARGV[1], 'saved', now, 0 }
local documents, ended = {}, {}
for i = 5, #ARGV do
  local key = 3 * i - 13
  if ARGV[4] == '1' then
    for _, text in ipairs(redis.call('HGETALL', KEYS[key])) do reply[#reply + 1] = text end
  end
  if redis.call('DEL', KEYS[key]) == 1 then
    reply[4] = reply[4] + 1
    ended[reply[4]] = i - 5
    -- Signing out must work when memory is full; that it cannot be explained then is the lesser evil.
    redis.pcall('SET', KEYS[key + 1], string.sub(ARGV[i], 1, 8) .. ' ' .. ARGV[2], 'PX', ARGV[3])
  end
  documents[i - 4] = KEYS[key + 2]
end
-- Once for all: a command costs more than what it does to one of them.
redis.call('DEL', unpack(documents))
on_set('SREM', KEYS[1], unpack(ARGV, 5))
if ARGV[4] == '' and reply[4] < #documents then
  for _, place in ipairs(ended) do reply[#reply + 1] = place end
end
return reply
`);

/** One round trip; all of one slot. {@link endedBy} reads the answer. */
export async function revoke(
  client: RedisClient,
  keys: SessionKeys,
  ids: readonly [SessionId, ...SessionId[]],
  userId: string | undefined,
  reason: GoneText,
  takesFields = false,
): Promise<ScriptReply> {
  const check = checkOf(ids[0]);
  const [userSet] = keys.ofOwner(ids[0], userId);
  return readReply(
    check,
    await REVOKE.run(
      client,
      [userSet, ...ids.flatMap((id) => [keys.session(id), keys.gone(id), keys.document(id)])],
      [check, reason, GONE_MS[reasonOf(reason)], takesFields ? '1' : '', ...ids],
    ),
  );
}

/** Which of the sessions were alive, by an answer without fields. */
export function endedBy({ rest }: ScriptReply, ids: readonly SessionId[]): readonly SessionId[] {
  const [alive, ...places] = rest.map(Number);
  return alive === ids.length ? ids : places.map((place) => ids[place]!);
}
