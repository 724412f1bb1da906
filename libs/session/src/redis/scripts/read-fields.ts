import type { RedisClient } from '../../redis-client.js';
import { OWN_FIELDS } from '../hash-codec.js';
import type { HashTexts } from '../read-hash.js';
import { Script } from '../script.js';

const READ_FIELDS =
  new Script(`--[[ read-fields: some fields of a session. What HMGET answers does not name the fields: out
  of step, one of them could be taken for another, where the answer of a script names its call.
  KEYS[1]  session hash
  ARGV     fields; first of all ~id
  returns  their texts, in the same order | gone
  cost     O(fields that are asked for), one slot ]]
local texts = redis.call('HMGET', KEYS[1], unpack(ARGV))
if not texts[1] and redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
return texts
`);

/** One round trip, for what the library keeps of a session and some fields. @returns `undefined` when there is nothing. */
export async function readFields(
  client: RedisClient,
  key: string,
  fields: readonly string[],
): Promise<HashTexts | undefined> {
  const names = [...OWN_FIELDS, ...fields];
  const reply = await READ_FIELDS.run(client, [key], names);
  if (reply === 'gone') return undefined;
  const texts = reply as (string | null)[];
  return names.flatMap((name, i) => {
    const text = texts[i];
    return typeof text === 'string' ? [name, text] : [];
  });
}
