import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { readGone, type GoneText } from '../gone-codec.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { OutOfStepError } from '../store-error.js';
import { readReply } from './reply.js';
import { JUDGE, NOW } from './shared-lua.js';

const ABSENCE =
  new Script(`--[[ absence: why a session is not there. An empty hash names nobody, so this is asked anew.
  KEYS[1]  session hash
  KEYS[2]  why it is gone
  ARGV[1]  check of the session
  returns  check, there | gone | unreadable (it is there, and of another layout), now; gone: then what is said of it
           or ''; unreadable: then its user or ''
  cost     O(1), one slot ]]
${NOW}${JUDGE}
local verdict = judge(KEYS[1], ARGV[1])
if verdict == 'whole' then return { ARGV[1], 'there', now } end
if verdict == 'unreadable' then
  return { ARGV[1], 'unreadable', now, redis.call('HGET', KEYS[1], '~user') or '' }
end
local why = redis.pcall('GET', KEYS[2])
return { ARGV[1], 'gone', now, type(why) == 'string' and why or '' }
`);

export type Absence =
  | { readonly kind: 'gone'; readonly text: GoneText }
  | { readonly kind: 'unreadable'; readonly userId: string | undefined };

/**
 * One round trip. @returns `undefined` when nothing is said of it.
 *
 * @throws {OutOfStepError} when the session is there after all: whoever found nothing was told about something else.
 */
export async function absence(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
): Promise<Absence | undefined> {
  const check = checkOf(id);
  const names = [keys.session(id), keys.gone(id)];
  const { status, rest } = readReply(check, await ABSENCE.run(client, names, [check]));
  if (status === 'there') throw new OutOfStepError();
  const [said] = rest;
  if (status === 'unreadable') return { kind: 'unreadable', userId: String(said) || undefined };
  const text = readGone(id, String(said));
  return text && { kind: 'gone', text };
}
