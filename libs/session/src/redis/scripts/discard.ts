import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { OutOfStepError } from '../store-error.js';
import { readReply, type ScriptReply } from './reply.js';
import { JUDGE, NOW } from './shared-lua.js';

const DISCARD = new Script(
  `--[[ discard: removes what is under the key of a session and is none, or whose absolute end has passed.
  KEYS[1]  session hash
  KEYS[2]  its index document
  ARGV[1]  check: what a session carries in ~id
  returns  check, saved (removed) | none | whole | unreadable (it was left alone), now
  cost     O(1), one slot ]]
${NOW}${JUDGE}
local verdict = judge(KEYS[1], ARGV[1])
if verdict ~= 'foreign' and verdict ~= 'over' then return { ARGV[1], verdict, now } end
redis.call('DEL', KEYS[1], KEYS[2])
return { ARGV[1], 'saved', now }
`,
  { isRare: true },
);

/** One round trip. */
export async function discard(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
): Promise<ScriptReply> {
  const check = checkOf(id);
  const names = [keys.session(id), keys.document(id)];
  return readReply(check, await DISCARD.run(client, names, [check]));
}

/**
 * The same for what an answer said is none.
 *
 * @throws {OutOfStepError} when it is the session: whoever found something else was told about that.
 */
export async function discardForeign(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
): Promise<ScriptReply> {
  const reply = await discard(client, keys, id);
  if (reply.status === 'whole') throw new OutOfStepError();
  return reply;
}
