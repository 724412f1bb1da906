import { randomUUID } from 'node:crypto';
import {
  type FillNote,
  type FillState,
  type IndexFacts,
  IndexStore,
  type StoredIndex,
} from '../../core/index-store.js';
import type { SessionId } from '../../core/token.js';
import type { RedisClient } from '../../redis-client.js';
import type { SessionSettings } from '../../session.settings.js';
import { SessionKeys } from '../keys.js';
import type { RedisConnection } from '../redis-connection.js';
import { scanKeys, serversOf } from '../scan-keys.js';
import { indexState } from '../scripts/index-state.js';
import { isWrongType, saidBy } from '../store-error.js';
import { assertSearchable } from './availability.js';
import { readMap } from './replies.js';
import { bytesOfFirst, lackOfRoom } from './room.js';
import { SearchCommands } from './search-commands.js';

const MISSING = /unknown index|no such index/i;

/** The indexes in Redis Search, and what the instances tell each other about them. */
export class RedisIndexStore extends IndexStore {
  readonly #instance = randomUUID();
  readonly #commands: SearchCommands;
  readonly #keys: SessionKeys;
  readonly #longestLifeMs: number;

  constructor(
    private readonly connection: RedisConnection,
    settings: SessionSettings,
  ) {
    super();
    this.#commands = new SearchCommands(connection, settings.searchTimeoutMs);
    this.#keys = new SessionKeys(settings.keyPrefix);
    this.#longestLifeMs = settings.longestLifeMs;
  }

  async assertAvailable(): Promise<void> {
    const client = await this.connection.send(async (given) => given);
    await assertSearchable(client, async (section) =>
      String(await this.#commands.send('INFO', section)),
    );
  }

  async versions(): Promise<string[]> {
    const names = (await this.#commands.send('FT._LIST')) as string[];
    return names.flatMap((name) => this.#keys.versionOfIndex(String(name)) ?? []);
  }

  async assertRoom(isNew: boolean): Promise<void> {
    const servers = await serversOf(this.connection);
    const largest = isNew ? await this.#bytesOfLargest() : 0;
    const infos = await this.#ofEach(servers, (server) =>
      server.call('INFO', isNew ? 'default' : 'memory'),
    );
    for (const info of infos.map(String)) {
      const bytes = isNew ? largest / servers.length || bytesOfFirst(info) : 0;
      const lack = lackOfRoom(info, bytes);
      if (lack) throw lack;
    }
  }

  async create(version: string, schema: readonly string[]): Promise<void> {
    const options = ['STOPWORDS', 0, 'NOOFFSETS', 'NOFREQS'];
    const on = ['ON', 'HASH', 'PREFIX', 1, this.#keys.documents, ...options, 'SCHEMA', ...schema];
    try {
      await this.#commands.send('FT.CREATE', this.#keys.index(version), ...on);
    } catch (error) {
      if (!/already exists/i.test(saidBy(error))) throw error;
    }
  }

  async drop(version: string): Promise<void> {
    await this.#commands.send('FT.DROPINDEX', this.#keys.index(version)).catch((error: unknown) => {
      // Another instance was quicker.
      if (!MISSING.test(saidBy(error))) throw error;
    });
    await this.connection.send((client) => client.call('DEL', this.#keys.indexState(version)));
  }

  async pointAliasTo(version: string): Promise<void> {
    await this.#commands.send('FT.ALIASUPDATE', this.#keys.indexAlias, this.#keys.index(version));
  }

  async inUse(): Promise<StoredIndex | undefined> {
    // Where there is no such name, that is an answer: the error would say how an application makes an index.
    const reply = await this.#commands.send('FT.INFO', this.#keys.indexAlias).catch(noneIfMissing);
    if (reply === undefined) return undefined;
    const facts = readMap(reply);
    const version = this.#keys.versionOfIndex(String(facts.get('index_name')));
    const fields = ((facts.get('attributes') ?? []) as unknown[]).map(readMap);
    const tags = fields.filter((field) => field.get('type') === 'TAG');
    return version === undefined
      ? undefined
      : { version, tags: tags.map((field) => String(field.get('attribute'))) };
  }

  async facts(version: string): Promise<IndexFacts> {
    const facts = readMap(await this.#commands.send('FT.INFO', this.#keys.index(version)));
    return {
      documents: Number(facts.get('num_docs')),
      memoryBytes: Math.round(Number(facts.get('total_index_memory_sz_mb') ?? 0) * 1024 * 1024),
      failures: Number(facts.get('hash_indexing_failures') ?? 0),
      isScanning: Number(facts.get('indexing')) !== 0,
    };
  }

  async *allSessions() {
    const servers = await serversOf(this.connection);
    const sizes = await this.#ofEach(servers, (server) => server.call('DBSIZE'));
    const total = sizes.reduce<number>((sum, size) => sum + Number(size), 0);
    let scanned = 0;
    // All keys are asked for, not only sessions: so it is known how far this is.
    for await (const keys of scanKeys(this.connection, servers)) {
      scanned += keys.length;
      const ids = keys.filter((key) => this.#keys.isSession(key)).flatMap(SessionKeys.idOf);
      yield { ids, scanned, total: Math.max(scanned, total) };
    }
  }

  async unindexed(version: string, ids: readonly SessionId[]): Promise<SessionId[]> {
    const areIndexed = await Promise.all(ids.map((id) => this.#isIndexed(version, id)));
    return ids.filter((_, i) => !areIndexed[i]);
  }

  note(version: string, note: FillNote): Promise<FillState> {
    const key = this.#keys.indexState(version);
    return this.connection.send((client) =>
      indexState(client, key, version, note, this.#instance, this.#longestLifeMs),
    );
  }

  /** What the index of another declaration takes, for one that replaces it. */
  async #bytesOfLargest(): Promise<number> {
    const versions = await this.versions();
    const facts = await Promise.all(versions.map((version) => this.facts(version)));
    return Math.max(0, ...facts.map(({ memoryBytes }) => memoryBytes));
  }

  async #isIndexed(version: string, id: SessionId): Promise<boolean> {
    try {
      return await this.connection.send(async (client) => {
        const [known, documents] = await Promise.all([
          client.call('HMGET', this.#keys.session(id), '~index'),
          client.call('EXISTS', this.#keys.document(id)),
        ]);
        return documents === 1 && String(known).split('+').includes(version);
      });
    } catch (error) {
      // No session: whoever reads it removes it.
      if (isWrongType(error)) return false;
      throw error;
    }
  }

  #ofEach<T>(
    servers: readonly RedisClient[],
    ask: (server: RedisClient) => Promise<T>,
  ): Promise<T[]> {
    return Promise.all(servers.map((server) => this.connection.send(() => ask(server))));
  }
}

function noneIfMissing(error: unknown): undefined {
  if (!MISSING.test(saidBy(error))) throw error;
}
