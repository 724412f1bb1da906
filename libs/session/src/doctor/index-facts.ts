import { type SkippedSessions, skippedOfText } from '../core/skipped-sessions.js';
import { SessionKeys } from '../redis/keys.js';
import type { RedisClient } from '../redis-client.js';

/** An index of sessions, by what Search and the instances of the application say of it. */
export interface IndexFacts {
  /** The declaration that it was made for. */
  readonly version: string;
  readonly isComplete: boolean;
  /** For how long all sessions have been in it, in milliseconds; 0 while it is being filled. */
  readonly completeMs: number;
  /** From 0 to 1, while it is being filled. */
  readonly progress: number;
  /** How long ago an instance last said that it uses it, in milliseconds; `Infinity` for never. */
  readonly unusedMs: number;
  readonly documents: number;
  readonly failures: number;
  readonly skipped: SkippedSessions;
}

/** The indexes of sessions, and the version that the alias stands for. */
export async function indexesOf(
  client: RedisClient,
  keyPrefix: string,
): Promise<{ indexes: IndexFacts[]; alias: string | undefined }> {
  const keys = new SessionKeys(keyPrefix);
  const versionOf = (index: unknown) => keys.versionOfIndex(String(index)) ?? [];
  const versions = ((await client.call('FT._LIST')) as unknown[]).flatMap(versionOf).toSorted();
  if (versions.length === 0) return { indexes: [], alias: undefined };
  const [seconds] = await client.time();
  const since = (moment: string | undefined) => Number(seconds) * 1000 - Number(moment);
  const factsOf = async (version: string): Promise<IndexFacts> => {
    const info = namesAndValues(await client.call('FT.INFO', keys.index(version)));
    const state = await client.hgetall(keys.indexState(version));
    const done = Number(state['done'] ?? 0);
    return {
      version,
      isComplete: Boolean(state['complete']),
      completeMs: state['complete'] ? since(state['complete']) : 0,
      progress: done === 0 ? 0 : Math.min(1, done / Number(state['total'])),
      unusedMs: state['usedAt'] ? since(state['usedAt']) : Infinity,
      documents: Number(info.get('num_docs')),
      failures: Number(info.get('hash_indexing_failures') ?? 0),
      skipped: skippedOfText(state['skipped']),
    };
  };
  const indexes = await Promise.all(versions.map(factsOf));
  return { indexes, alias: keys.versionOfIndex(String(await aliasOf(client, keys.indexAlias))) };
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
