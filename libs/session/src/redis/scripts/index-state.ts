import type { FillNote, FillState } from '../../core/index-store.js';
import { skippedOfText, textOfSkipped } from '../../core/skipped-sessions.js';
import type { RedisClient } from '../../redis-client.js';
import { Script } from '../script.js';
import { readReply } from './reply.js';
import { NOW } from './shared-lua.js';

/** An instance that fills an index says so every few seconds; after this time another takes over. */
const FILLER_MS = 15_000;

/**
 * While no instance used an index, sessions may have begun where none is declared: it is not known to be complete any
 * more. All instances together are away for as long only when the application was stopped or rolled back.
 */
const DOUBTFUL_MS = 180_000;

/** Longer than the instances take to say that they use an index, however short sessions live. */
const SHORTEST_KEEP_MS = 600_000;

const INDEX_STATE = new Script(`#!lua flags=allow-oom
--[[ index-state: what the instances tell each other about an index.
  KEYS[1]  the state
  ARGV[1]  version of the declaration
  ARGV[2]  look | use | lost | fill | stop | skipped | complete
  ARGV[3]  who says so
  ARGV[4]  how long to keep the state, ms
  ARGV[5]  lost: the moment of completion that is not true any more
  ARGV[5]  skipped: how many sessions could not be brought in, by reason
  ARGV[5]  sessions that are in, ARGV[6] sessions that there are, where it is being filled
  returns  version, saved | taken (another fills it), now, when it was complete or '', done, total, ms since it was used, skipped
  cost     O(1), one slot; works when memory is full, or an index that fills it could not be given up ]]
${NOW}
local state = redis.call('HMGET', KEYS[1], 'complete', 'done', 'total', 'usedAt', 'filler', 'fillerAt', 'skipped')
local unused = state[4] and now - state[4] or -1
if unused > ${DOUBTFUL_MS} then state[1] = '' end
local act = ARGV[2]
if act ~= 'look' then
  if act == 'fill' and state[5] and state[5] ~= ARGV[3] and now - state[6] < ${FILLER_MS} then
    return { ARGV[1], 'taken', now, state[1] or '', state[2] or 0, state[3] or 0, unused, state[7] or '' }
  end
  -- Another instance may have made the index and filled it since.
  if act == 'lost' and state[1] == ARGV[5] then state[1] = '' elseif act == 'complete' then state[1] = now end
  if act == 'skipped' then
    state[7] = ARGV[5]
    redis.call('HSET', KEYS[1], 'skipped', state[7])
  end
  if act == 'fill' or act == 'complete' then
    state[2], state[3] = ARGV[5], ARGV[6]
    redis.call('HSET', KEYS[1], 'done', state[2], 'total', state[3])
  end
  -- A new index reads the documents that exist, so an instance that is filling it goes on and no other starts over.
  if act == 'fill' then redis.call('HSET', KEYS[1], 'filler', ARGV[3], 'fillerAt', now)
  elseif act == 'complete' or act == 'stop' and state[5] == ARGV[3] then
    redis.call('HDEL', KEYS[1], 'filler', 'fillerAt')
  end
  redis.call('HSET', KEYS[1], 'complete', state[1] or '', 'usedAt', now)
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return { ARGV[1], 'saved', now, state[1] or '', state[2] or 0, state[3] or 0, unused, state[7] or '' }
`);

/** One round trip. @param keepMs as long as the longest session can live: afterwards there is nothing to be missed. */
export async function indexState(
  client: RedisClient,
  key: string,
  version: string,
  note: FillNote,
  instance: string,
  keepMs: number,
): Promise<FillState> {
  const args = [version, note.kind, instance, Math.max(keepMs, SHORTEST_KEEP_MS), ...argsOf(note)];
  const { status, rest } = readReply(version, await INDEX_STATE.run(client, [key], args));
  const [complete, done, total, unused, skipped] = rest;
  return {
    isComplete: complete !== '',
    completeAt: String(complete),
    done: Number(done),
    total: Number(total),
    isTaken: status === 'taken',
    unusedMs: Number(unused) < 0 ? Infinity : Number(unused),
    skipped: skippedOfText(String(skipped)),
  };
}

function argsOf(note: FillNote): (string | number)[] {
  switch (note.kind) {
    case 'fill':
    case 'complete':
      return [note.done, note.total];
    case 'lost':
      return [note.completeAt];
    case 'skipped':
      return [textOfSkipped(note.skipped)];
    default:
      return [];
  }
}
