import { createHash } from 'node:crypto';
import type { SessionRecord } from '../../core/record.js';
import type { SessionIndex } from '../../core/session-index.js';
import type { RedisClient } from '../../redis-client.js';
import { checkOf } from '../hash-codec.js';
import type { SessionKeys } from '../keys.js';
import { Script } from '../script.js';
import { identityOf } from './document-args.js';
import { readReply, type ScriptReply } from './reply.js';
import { IS_INDEXED, NOW } from './shared-lua.js';

/** Declarations that a document can be right for; others make it right for themselves again. */
const MOST_VERSIONS = 4;

const REINDEX =
  new Script(`--[[ reindex: makes a session's index document from what was read of the session.
  KEYS[1]  session hash (must exist)
  KEYS[2]  its index document
  ARGV[1]  check: what the session carries in ~id
  ARGV[2]  version of the declared index
  ARGV[3]  number of checks: session field and SHA-1 of its text ('' = absent), in turn
  ARGV[4]  number of fields that the document may have had and has no more
  ARGV[5]  checks; fields to remove; then fields and texts, in turn, to the end
  returns  check, saved | gone | conflict (somebody wrote to it meanwhile), now
  cost     O(fields of the index), one slot ]]
${NOW}${IS_INDEXED}
local session = redis.call('HMGET', KEYS[1], '~id', '~index')
if session[1] ~= ARGV[1] then return { ARGV[1], 'gone', now } end
local removes = 5 + 2 * ARGV[3]
local fields = removes + ARGV[4]
for i = 5, removes - 1, 2 do
  local text = redis.call('HGET', KEYS[1], ARGV[i])
  if (text and redis.sha1hex(text) or '') ~= ARGV[i + 1] then return { ARGV[1], 'conflict', now } end
end

local known, kind = session[2], redis.call('TYPE', KEYS[2]).ok
-- Something else has written there.
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[2]) end
if not known or known == 'none' or kind ~= 'hash' then known = ARGV[2]
elseif not is_indexed(known, ARGV[2]) then
  local _, versions = string.gsub(known, '+', '+')
  known = versions + 1 < ${MOST_VERSIONS} and known .. '+' .. ARGV[2] or ARGV[2]
end
redis.call('HSET', KEYS[2], 'indexedFor', known, unpack(ARGV, fields))
if removes < fields then redis.call('HDEL', KEYS[2], unpack(ARGV, removes, fields - 1)) end
redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
if known ~= session[2] then redis.call('HSET', KEYS[1], '~index', known) end
return { ARGV[1], 'saved', now }
`);

/** One round trip. */
export async function reindex(
  client: RedisClient,
  keys: SessionKeys,
  record: SessionRecord,
  index: SessionIndex,
): Promise<ScriptReply> {
  const { id, createdAt, authenticatedAt, fields } = record;
  const check = checkOf(id);
  const checks = [...index.sources].flatMap((field) => [field, sha1(fields.get(field))]);
  const document = index.documentOf(fields);
  const absent = index.fields
    .map(({ documentField }) => documentField)
    .filter((field) => !document.has(field));
  return readReply(
    check,
    await REINDEX.run(
      client,
      [keys.session(id), keys.document(id)],
      [
        check,
        index.version,
        checks.length / 2,
        absent.length,
        ...checks,
        ...absent,
        'createdAt',
        createdAt,
        ...(authenticatedAt === undefined ? [] : ['signedInAt', authenticatedAt]),
        ...identityOf(record),
        ...[...document].flat(),
      ],
    ),
  );
}

function sha1(text: string | undefined): string {
  return text === undefined ? '' : createHash('sha1').update(text).digest('hex');
}
