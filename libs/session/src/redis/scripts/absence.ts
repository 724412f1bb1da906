import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import { readGone, type GoneText } from '../gone-codec.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { OutOfStepError } from '../store-error.js';
import { readReply } from './reply.js';
import { NOW } from './shared-lua.js';

const ABSENCE =
  new Script(`--[[ absence: why a session is not there. An empty hash names nobody, so this is asked anew.
  KEYS[1]  session hash
  KEYS[2]  why it is gone
  ARGV[1]  check of the session
  returns  check, there | gone, now; gone: then what is said of it, or ''
  cost     O(1), one slot ]]
${NOW}
if redis.call('EXISTS', KEYS[1]) == 1 then return { ARGV[1], 'there', now } end
return { ARGV[1], 'gone', now, redis.call('GET', KEYS[2]) or '' }
`);

/**
 * One round trip. @returns `undefined` when nothing is said of it.
 *
 * @throws {OutOfStepError} when the session is there after all: whoever found nothing was told about something else.
 */
export async function absence(
  client: RedisClient,
  keys: SessionKeys,
  id: SessionId,
): Promise<GoneText | undefined> {
  const check = checkOf(id);
  const names = [keys.session(id), keys.gone(id)];
  const { status, rest } = readReply(check, await ABSENCE.run(client, names, [check]));
  if (status === 'there') throw new OutOfStepError();
  const [stored] = rest;
  return stored === '' ? undefined : readGone(id, String(stored));
}
