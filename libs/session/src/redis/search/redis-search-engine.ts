import { TAG_SEPARATOR } from '../../core/index-text.js';
import { SearchEngine, type SearchPage, type SearchQuery } from '../../core/search-engine.js';
import type { SessionId } from '../../core/token.js';
import type { SessionSettings } from '../../session.settings.js';
import { SessionKeys } from '../keys.js';
import type { RedisConnection } from '../redis-connection.js';
import { readCursor, readHits, readRecords, valueIn } from './replies.js';
import { SearchCommands } from './search-commands.js';
import { cutShort, tooManyBeginnings, warned } from './search-error.js';

const BATCH = 500;
const CURSOR_IDLE_MS = 60_000;
const GROUPS_AT_ONCE = 10_000;
/** Names of columns, which no field of an index can have. */
const ONE_TAG = '__tag';
const SESSIONS = '__sessions';
const DIALECT = ['DIALECT', 2];
/** Search is to stop before nobody waits for its answer any more. */
const SHARE_OF_LIMIT = 0.8;

interface Answer {
  readonly reply: unknown;
  /** Whether it took as long as Search was given. */
  readonly isLate: boolean;
}

/** Asks Redis Search. */
export class RedisSearchEngine extends SearchEngine {
  readonly #commands: SearchCommands;
  readonly #keys: SessionKeys;
  readonly #limitMs: number;

  constructor(connection: RedisConnection, settings: SessionSettings) {
    super();
    this.#keys = new SessionKeys(settings.keyPrefix);
    this.#limitMs = Math.ceil(SHARE_OF_LIMIT * settings.storeTimeoutMs);
    this.#commands = new SearchCommands(connection, this.#limitMs);
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
    const [{ reply, isLate }] = await Promise.all([
      this.#ask('FT.SEARCH', version, query, page),
      this.#assertWhole(version, query),
    ]);
    if (isLate) throw cutShort(this.#limitMs);
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
    const steps = [...(hasSeveral ? [...each, 'AS', ONE_TAG] : []), 'GROUPBY', 1];
    const by = hasSeveral ? ONE_TAG : attribute;
    const count = [`@${by}`, 'REDUCE', 'COUNT', 0, 'AS', SESSIONS];
    const groups = new Map<string, number>();
    await this.#assertWhole(version, query);
    for await (const records of this.#pages(version, query, [...steps, ...count], GROUPS_AT_ONCE)) {
      for (const record of records) {
        const tag = valueIn(record, by);
        if (typeof tag === 'string') groups.set(tag, Number(valueIn(record, SESSIONS)));
      }
    }
    return groups;
  }

  async *idsOf(version: string, query: SearchQuery): AsyncGenerator<SessionId[]> {
    await this.#assertWhole(version, query);
    for await (const records of this.#pages(version, query, ['LOAD', 1, '@__key'], BATCH)) {
      yield records.flatMap((record) => SessionKeys.idOf(String(valueIn(record, '__key'))));
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
  ): AsyncGenerator<unknown[]> {
    const name = this.#keys.index(version);
    const withCursor = ['WITHCURSOR', 'COUNT', size, 'MAXIDLE', CURSOR_IDLE_MS];
    let answer = await this.#ask('FT.AGGREGATE', version, query, [...steps, ...withCursor]);
    let open = 0;
    try {
      for (;;) {
        const { page, cursor } = readCursor(answer.reply);
        open = cursor;
        if (answer.isLate) throw cutShort(this.#limitMs);
        const { records, warnings } = readRecords(page);
        if (warnings.length > 0) throw warned(warnings);
        yield records;
        if (cursor === 0) return;
        answer = await this.#timed(() =>
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
  ): Promise<Answer> {
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
   * Search that reaches its limit gives a part, and for a count or a page does not say so (measured). But an answer that
   * was here before the limit was over cannot have reached it.
   */
  async #timed(ask: () => Promise<unknown>): Promise<Answer> {
    const askedAt = performance.now();
    const reply = await ask();
    return { reply, isLate: performance.now() - askedAt >= this.#limitMs };
  }
}
