import type { RedisClient } from '../redis-client.js';

/** An index of sessions, by what Search and the instances of the application say of it. */
export interface IndexFacts {
  /** The declaration that it was made for. */
  readonly version: string;
  readonly isComplete: boolean;
  /** From 0 to 1, while it is being filled. */
  readonly progress: number;
  /** How long ago an instance last said that it uses it, in milliseconds; `Infinity` for never. */
  readonly unusedMs: number;
  readonly documents: number;
  readonly failures: number;
}

/** The indexes of sessions, and the version that the alias stands for. */
export async function indexesOf(
  client: RedisClient,
  keyPrefix: string,
): Promise<{ indexes: IndexFacts[]; alias: string | undefined }> {
  const name = `${keyPrefix}session-index`;
  const versionOf = (index: unknown) => {
    const [start, version = ''] = [String(index).slice(0, -8), String(index).slice(-8)];
    return start === `${name}:` && /^[0-9a-f]{8}$/.test(version) ? [version] : [];
  };
  const versions = ((await client.call('FT._LIST')) as unknown[]).flatMap(versionOf).toSorted();
  if (versions.length === 0) return { indexes: [], alias: undefined };
  const [seconds] = await client.time();
  const factsOf = async (version: string): Promise<IndexFacts> => {
    const info = namesAndValues(await client.call('FT.INFO', `${name}:${version}`));
    const state = await client.hgetall(`${name}-state:${version}`);
    const done = Number(state['done'] ?? 0);
    return {
      version,
      isComplete: (state['complete'] ?? '') !== '',
      progress: done === 0 ? 0 : Math.min(1, done / Number(state['total'])),
      unusedMs: state['usedAt'] ? Number(seconds) * 1000 - Number(state['usedAt']) : Infinity,
      documents: Number(info.get('num_docs')),
      failures: Number(info.get('hash_indexing_failures') ?? 0),
    };
  };
  const indexes = await Promise.all(versions.map(factsOf));
  return { indexes, alias: await aliasOf(client, name).then((index) => versionOf(index)[0]) };
}

async function aliasOf(client: RedisClient, name: string): Promise<unknown> {
  try {
    return namesAndValues(await client.call('FT.INFO', name)).get('index_name');
  } catch (error) {
    if (error instanceof Error && /unknown index|no such index/i.test(error.message)) return '';
    throw error;
  }
}

/** A flat list (RESP2, and ioredis 6 by default), an object or a map. */
function namesAndValues(reply: unknown): ReadonlyMap<string, unknown> {
  if (reply instanceof Map) return reply as Map<string, unknown>;
  if (!Array.isArray(reply)) return new Map(Object.entries((reply ?? {}) as object));
  const pairs = reply.flatMap((value, i) => (i % 2 === 1 ? [[String(reply[i - 1]), value]] : []));
  return new Map(pairs as [string, unknown][]);
}
