import { shardOfUser, type SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { MET, NOW, REMEMBER, VOID } from './shared-lua.js';

const CLAIM =
  new Script(`--[[ claim: puts a session that lies in another slot into the user's set, and tells of the epoch.
  KEYS[1]  the user's set
  KEYS[2]  the user's epoch
  ARGV[1]  check: the user's shard
  ARGV[2]  id, '' to put nothing
  ARGV[3]  for how long, ms
  ARGV[4]  how long ago the user proved who they are, ms; '' if that was before
  returns  check, saved | gone (the epoch is newer than the proof), now, the epoch or '', that of a sign-out everywhere
           now, the moment of the proof or '', and some ids of a large set to which one was added by a sign-in
  cost     O(1), one slot ]]
${NOW}${REMEMBER}${VOID}${MET}
local epoch = epoch_of(KEYS[2])
local auth = ARGV[4] ~= '' and proof(epoch, ARGV[4])
if ARGV[4] ~= '' and not auth then return { ARGV[1], 'gone', now } end
-- With memory full nobody new comes in, and nobody is signed out.
if auth then remember(KEYS[1], ARGV[2], tonumber(ARGV[3]))
elseif ARGV[2] ~= '' then pcall(remember, KEYS[1], ARGV[2], tonumber(ARGV[3])) end
return { ARGV[1], 'saved', now, epoch or '', next_epoch(epoch), auth or '',
  auth and met(KEYS[1]) or {} }
`);

/** What is put into the set. */
export interface Claim {
  readonly id: SessionId;
  readonly forMs: number;
  /** Left out where the session is the user's already. */
  readonly provenAgoMs?: number;
}

/** One round trip. Without a claim it only asks. */
export async function claim(
  client: RedisClient,
  keys: SessionKeys,
  userId: string,
  claimed?: Claim,
): Promise<ScriptReply> {
  const shard = shardOfUser(userId);
  const names = [keys.user(userId), keys.epoch(userId)];
  const args = [shard, claimed?.id ?? '', claimed?.forMs ?? 0, claimed?.provenAgoMs ?? ''];
  return readReply(shard, await CLAIM.run(client, names, args));
}
