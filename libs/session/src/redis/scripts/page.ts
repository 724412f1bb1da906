import { isSessionId, shardOfUser, type SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply } from './reply.js';
import { NOW, ON_SET } from './shared-lua.js';

const PAGE = new Script(`--[[ page: some of the ids in a user's set.
  KEYS[1]  the user's set
  ARGV[1]  check: the user's shard
  ARGV[2]  where the page begins, '0' for the first
  ARGV[3]  about how many
  returns  check, saved, now, where the next page begins ('0' after the last), then the ids
  cost     O(ids of the page), one slot ]]
${NOW}${ON_SET}
local page = on_set('SSCAN', KEYS[1], ARGV[2], 'COUNT', ARGV[3])
return { ARGV[1], 'saved', now, page[1], page[2] }
`);

export interface Page {
  readonly ids: SessionId[];
  /** What is in the set and is no id: something else has put it there. */
  readonly foreign: string[];
  /** Where the next page begins; none after the last. */
  readonly next: string | undefined;
}

/** One round trip. */
export async function pageOfUser(
  client: RedisClient,
  keys: SessionKeys,
  userId: string,
  from: string,
  about: number,
): Promise<Page> {
  const shard = shardOfUser(userId);
  const { rest } = readReply(
    shard,
    await PAGE.run(client, [keys.user(userId)], [shard, from, about]),
  );
  const [next, members] = rest as [string, string[]];
  const ids = members.filter(isSessionId);
  const foreign = members.filter((member) => !isSessionId(member));
  return { ids, foreign, next: next === '0' ? undefined : next };
}
