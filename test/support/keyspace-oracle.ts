import type { Redis } from 'ioredis';

type Key = [name: string, type: string, ttlMs: number, content: string[]];

interface UserSet {
  readonly ttlMs: number;
  readonly members: ReadonlySet<string>;
}

/** The kinds of keys, as the layout in the documentation has them: spelled apart from the library, to check it. */
const KEY = /^(session(?:|-user|-epoch|-gone|-index)):\{([0-9a-f]{4})\}:([^]+)$/;
const STATE = /^(session-index-state):[0-9a-f]{8}$/;
const CUTOFFS = /^(session-cutoffs)$/;
const TYPES: Record<string, string> = {
  session: 'hash',
  'session-index': 'hash',
  'session-index-state': 'hash',
  'session-user': 'set',
  'session-epoch': 'string',
  'session-gone': 'string',
  'session-cutoffs': 'hash',
};
const WHOLE = ['~id', '~v', '~created', '~seen', '~idle', '~until'];
// Redis counts a script's time from its start, and asks the clock a little later.
const TOLERANCE_MS = 1000;

// One script, so that what is compared existed at one moment: sessions may end while others look.
const SNAPSHOT = `
local time = redis.call('TIME')
local reply = { time[1] * 1000 + math.floor(time[2] / 1000) }
for _, key in ipairs(redis.call('KEYS', '*')) do
  local type = redis.call('TYPE', key).ok
  local read = ({ hash = 'HGETALL', set = 'SMEMBERS' })[type]
  reply[#reply + 1] = { key, type, redis.call('PTTL', key), read and redis.call(read, key) or {} }
end
return reply`;

/**
 * Looks at every key of a Redis and says what must never be, whatever raced, crashed or was cut off before: keys that
 * stay for ever, sessions that are not whole, sessions of a user that "sign out everywhere" would miss.
 *
 * On a Cluster ask each primary: all keys of a user are on the same one.
 *
 * @param keyPrefix only keys that begin with it are looked at; all of those must be the library's.
 */
export async function keyspaceFaults(client: Redis, keyPrefix = ''): Promise<string[]> {
  const [now, ...all] = (await client.eval(SNAPSHOT, 0)) as [number, ...Key[]];
  const keys = all
    .filter(([name]) => name.startsWith(keyPrefix))
    .map(([name, ...rest]): Key => [name.slice(keyPrefix.length), ...rest]);
  const sets = new Map<string, UserSet>();
  for (const [name, , ttlMs, content] of keys) {
    if (name.startsWith('session-user:')) sets.set(name, { ttlMs, members: new Set(content) });
  }
  return keys.flatMap((key) =>
    [...faultsOfKey(key), ...faultsOfSession(key, now, sets)].map((fault) => `${key[0]} ${fault}`),
  );
}

/** For the end of a test or of a group of tests. */
export async function assertSoundKeyspace(client: Redis, keyPrefix = ''): Promise<void> {
  const faults = await keyspaceFaults(client, keyPrefix);
  if (faults.length > 0) throw new Error(`In Redis:\n${faults.join('\n')}`);
}

function faultsOfKey([name, type, ttlMs]: Key): string[] {
  const [, kind = ''] = KEY.exec(name) ?? STATE.exec(name) ?? CUTOFFS.exec(name) ?? [];
  const expected = TYPES[kind];
  if (expected === undefined) return ['is no key of this library'];
  return [
    ...(type === expected ? [] : [`is a ${type} instead of a ${expected}`]),
    ...(ttlMs === -1 ? ['has no time to live'] : []),
  ];
}

function faultsOfSession(
  [name, type, ttlMs, content]: Key,
  now: number,
  sets: ReadonlyMap<string, UserSet>,
): string[] {
  const [, kind, shard, id = ''] = KEY.exec(name) ?? [];
  if (kind !== 'session' || type !== 'hash') return [];
  const fields = new Map<string, string>();
  for (let i = 0; i < content.length; i += 2) fields.set(content[i]!, content[i + 1]!);
  const missing = WHOLE.filter((field) => !fields.has(field));
  if (missing.length > 0) return [`is not a whole session: no ${missing.join(', ')}`];
  return [
    ...(id.startsWith(fields.get('~id')!) ? [] : ['holds another session']),
    ...(ttlMs > Number(fields.get('~until')) - now + TOLERANCE_MS ? ['outlives its deadline'] : []),
    ...faultsOfOwner(fields, ttlMs, id, sets.get(`session-user:{${shard}}:${fields.get('~user')}`)),
  ];
}

/** Whoever ends all sessions of a user goes by the user's set: what is not in it lives on. */
function faultsOfOwner(
  fields: ReadonlyMap<string, string>,
  ttlMs: number,
  id: string,
  set: UserSet | undefined,
): string[] {
  if (!fields.has('~user')) return [];
  if (!fields.has('~auth')) return ['has a user who never signed in'];
  if (!set?.members.has(id)) return ["is not in its user's set"];
  return set.ttlMs + TOLERANCE_MS < ttlMs ? ["outlives its user's set"] : [];
}
