import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply } from './reply.js';
import { LAST_USE, NOW } from './shared-lua.js';

const SURVEY =
  new Script(`--[[ survey: which of some ids are sessions still, and when these were used last.
  KEYS     session hashes
  ARGV[1]  check of the first session
  returns  check, saved, now; then for each session '' if there is none, else when it was used last, and when its user
           authenticated, 0 where that cannot be read
  cost     O(sessions), one slot ]]
${NOW}${LAST_USE}
local reply = { ARGV[1], 'saved', now }
for i, key in ipairs(KEYS) do
  local seen, auth = last_use(key)
  reply[#reply + 1] = seen and { seen, auth } or ''
end
return reply
`);

/** A session that is there, and what says which one of its user's is to end first. */
export interface LiveSession {
  readonly id: SessionId;
  readonly seenAt: number;
  readonly authenticatedAt: number;
}

/** One round trip; all of one slot. @returns those that are there. */
export async function survey(
  client: RedisClient,
  keys: SessionKeys,
  ids: readonly [SessionId, ...SessionId[]],
): Promise<LiveSession[]> {
  const check = checkOf(ids[0]);
  const names = ids.map((id) => keys.session(id));
  const { rest } = readReply(check, await SURVEY.run(client, names, [check]));
  return ids.flatMap((id, i) => {
    const found = rest[i];
    if (!Array.isArray(found)) return [];
    const [seenAt, authenticatedAt] = found.map(Number) as [number, number];
    return [{ id, seenAt, authenticatedAt }];
  });
}
