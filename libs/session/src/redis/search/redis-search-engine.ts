import { TAG_SEPARATOR } from '../../core/index-text.js';
import { SearchEngine, type SearchPage, type SearchQuery } from '../../core/search-engine.js';
import type { SessionId } from '../../core/token.js';
import type { SessionSettings } from '../../session.settings.js';
import { SessionKeys } from '../keys.js';
import type { RedisConnection } from '../redis-connection.js';
import { readCursor, readHits, readRecords } from './replies.js';
import { SearchCommands } from './search-commands.js';
import { cutShort, tooManyBeginnings, warned } from './search-error.js';

const BATCH = 500;
const CURSOR_IDLE_MS = 60_000;
const GROUPS_AT_ONCE = 10_000;
const TAG_OF_SEVERAL = 'one_of_several_tags';
const DIALECT = ['DIALECT', 2];

/** Asks Redis Search. */
export class RedisSearchEngine extends SearchEngine {
  readonly #commands: SearchCommands;
  readonly #keys: SessionKeys;
  readonly #limitMs: number;

  constructor(connection: RedisConnection, settings: SessionSettings) {
    super();
    this.#keys = new SessionKeys(settings.keyPrefix);
    this.#limitMs = settings.storeTimeoutMs;
    this.#commands = new SearchCommands(connection, settings.storeTimeoutMs);
  }

  async tagsOf(version: string, attribute: string): Promise<string[]> {
    return (await this.#commands.send(
      'FT.TAGVALS',
      this.#keys.index(version),
      attribute,
    )) as string[];
  }

  async find(version: string, query: SearchQuery, { offset, size, sort }: SearchPage) {
    const order = sort ? ['SORTBY', sort.by, sort.order.toUpperCase()] : [];
    const page = ['NOCONTENT', ...order, 'LIMIT', offset, size];
    const [reply] = await Promise.all([
      this.#ask('FT.SEARCH', version, query, page),
      this.#assertWhole(version, query),
    ]);
    const { total, keys, warnings } = readHits(reply);
    if (warnings.length > 0) throw warned(warnings);
    return { total, ids: keys.flatMap(SessionKeys.idOf) };
  }

  async countBy(version: string, query: SearchQuery, attribute: string, hasSeveral: boolean) {
    // A field with several tags is one text to Search, which takes it apart here.
    const each = [
      'FILTER',
      `exists(@${attribute})`,
      'APPLY',
      `split(@${attribute}, "${TAG_SEPARATOR}")`,
    ];
    const steps = [...(hasSeveral ? [...each, 'AS', TAG_OF_SEVERAL] : []), 'GROUPBY', 1];
    const by = hasSeveral ? TAG_OF_SEVERAL : attribute;
    const count = [`@${by}`, 'REDUCE', 'COUNT', 0, 'AS', 'sessions'];
    const groups = new Map<string, number>();
    await this.#assertWhole(version, query);
    for await (const records of this.#pages(version, query, [...steps, ...count], GROUPS_AT_ONCE)) {
      for (const record of records) {
        const tag = record.get(by);
        if (typeof tag === 'string') groups.set(tag, Number(record.get('sessions')));
      }
    }
    return groups;
  }

  async *idsOf(version: string, query: SearchQuery): AsyncGenerator<SessionId[]> {
    await this.#assertWhole(version, query);
    for await (const records of this.#pages(version, query, ['LOAD', 1, '@__key'], BATCH)) {
      yield records.flatMap((record) => SessionKeys.idOf(String(record.get('__key'))));
    }
  }

  /** @throws {SessionError} `SESSION_SEARCH` when more tags have the beginning than Search looks at: it does not say so. */
  async #assertWhole(version: string, query: SearchQuery): Promise<void> {
    if (!query.hasPrefix) return;
    const { text, params } = query;
    const search = ['SEARCH', 'LIMITED', 'QUERY', text, 'NOCONTENT', 'LIMIT', 0, 0];
    const values = ['PARAMS', params.length, ...params, ...DIALECT];
    const profile = await this.#commands.send(
      'FT.PROFILE',
      this.#keys.index(version),
      ...search,
      ...values,
    );
    if (/max prefix expansions? reached/i.test(JSON.stringify(profile))) throw tooManyBeginnings();
  }

  async *#pages(
    version: string,
    query: SearchQuery,
    steps: readonly (string | number)[],
    size: number,
  ): AsyncGenerator<ReadonlyMap<string, unknown>[]> {
    const name = this.#keys.index(version);
    const withCursor = ['WITHCURSOR', 'COUNT', size, 'MAXIDLE', CURSOR_IDLE_MS];
    let reply = await this.#ask('FT.AGGREGATE', version, query, [...steps, ...withCursor]);
    let open = 0;
    try {
      for (;;) {
        const { page, cursor } = readCursor(reply);
        open = cursor;
        const { records, warnings } = readRecords(page);
        if (warnings.length > 0) throw warned(warnings);
        yield records;
        if (cursor === 0) return;
        reply = await this.#timed(() =>
          this.#commands.send('FT.CURSOR', 'READ', name, cursor, 'COUNT', size),
        );
      }
    } finally {
      // Whoever stopped early leaves nothing behind; a cursor that is gone already is as good.
      if (open !== 0)
        await this.#commands.send('FT.CURSOR', 'DEL', name, open).catch(() => undefined);
    }
  }

  #ask(
    command: string,
    version: string,
    { text, params }: SearchQuery,
    steps: readonly (string | number)[],
  ): Promise<unknown> {
    const values = params.length === 0 ? [] : ['PARAMS', params.length, ...params];
    const limit = ['TIMEOUT', this.#limitMs];
    return this.#timed(() =>
      this.#commands.send(
        command,
        this.#keys.index(version),
        text,
        ...steps,
        ...values,
        ...limit,
        ...DIALECT,
      ),
    );
  }

  /**
   * Search that reaches its limit may give a part and not say so (measured: a count never does). But an answer that
   * was here before the limit was over cannot have reached it.
   */
  async #timed(ask: () => Promise<unknown>): Promise<unknown> {
    const askedAt = performance.now();
    const reply = await ask();
    if (performance.now() - askedAt >= this.#limitMs) throw cutShort(this.#limitMs);
    return reply;
  }
}
