import type { NewSession } from '../../core/outcome.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf, LAYOUT_VERSION } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { readReply, type ScriptReply } from './reply.js';
import { NOW, REMEMBER, VOID } from './shared-lua.js';

const CREATE = new Script(`--[[ create: begins a session.
  KEYS[1]  session hash (must not exist)
  KEYS[2]  the user's set
  KEYS[3]  the user's epoch
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  id
  ARGV[3]  touch interval, ms
  ARGV[4]  idle timeout, s
  ARGV[5]  absolute timeout, s
  ARGV[6]  user id, '' for a guest
  ARGV[7]  how long ago the user proved who they are, ms
  ARGV[8]  fields and their texts, in turn, to the end
  returns  check, saved | gone (the key exists, or the epoch is newer than the sign-in), now
  cost     O(fields), one slot ]]
${NOW}${REMEMBER}${VOID}
if redis.call('EXISTS', KEYS[1]) == 1 then return { ARGV[1], 'gone', now } end
local user = ARGV[6] ~= '' and ARGV[6]
local epoch = user and redis.call('GET', KEYS[3])
local auth = now - ARGV[7]
if epoch and is_void(epoch, auth) then return { ARGV[1], 'gone', now } end

local left = ARGV[5] * 1000
redis.call('HSET', KEYS[1], '~id', ARGV[1], '~v', ${LAYOUT_VERSION}, '~created', now, '~seen', now,
  '~idle', ARGV[4], '~until', now + left)
if user then redis.call('HSET', KEYS[1], '~user', user, '~auth', auth) end
for i = 8, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], math.min(ARGV[4] * 1000 + ARGV[3], left))
if user then remember(KEYS[2], ARGV[2], left) end
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function create(
  client: RedisClient,
  keys: SessionKeys,
  session: NewSession,
  fields: ReadonlyMap<string, string>,
  touchIntervalMs: number,
): Promise<ScriptReply> {
  const { id, userId, lifetime } = session;
  const check = checkOf(id);
  const args = [check, id, touchIntervalMs, lifetime.idleSeconds, lifetime.absoluteSeconds];
  return readReply(
    check,
    await CREATE.run(
      client,
      [keys.session(id), ...keys.ofOwner(id, userId)],
      [
        ...args,
        userId ?? '',
        provenAgoMs(session),
        ...deviceFields(session),
        ...[...fields].flat(),
      ],
    ),
  );
}

/** The device as fields of the hash; a guest's is nobody's business. */
export function deviceFields({ userId, device }: NewSession): string[] {
  if (userId === undefined) return [];
  const { address, agent } = device;
  return [...(address ? ['~ip', address] : []), ...(agent ? ['~agent', agent] : [])];
}

/** The age of the proof is what is sent: it means the same to every clock. */
export function provenAgoMs({ provenAt }: NewSession): number {
  return Math.ceil(performance.now() - provenAt);
}
