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
/** Of one short text each: about a millisecond of Redis. */
const ROWS = 1000;
/** Of more tags hits are read, and not each tag counted. */
const MOST_TAGS = 20_000;
/** One takes about 15 microseconds of Redis where a tag has few hits. */
const COUNTS_AT_ONCE = 50;
const DIALECT = ['DIALECT', 2];

interface Answer {
  readonly reply: unknown;
  /** Whether it took as long as Search was given. */
  readonly isLate: boolean;
}

/** Asks Redis Search. */
export class RedisSearchEngine extends SearchEngine {
  readonly #commands: SearchCommands;
  readonly #keys: SessionKeys;

  constructor(connection: RedisConnection, settings: SessionSettings) {
    super();
    this.#keys = new SessionKeys(settings.keyPrefix);
    this.#commands = new SearchCommands(connection, settings.searchTimeoutMs);
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
    if (isLate) throw cutShort(this.#commands.limitMs);
    const { total, keys, warnings } = readHits(reply);
    if (warnings.length > 0) throw warned(warnings);
    return { total, ids: keys.flatMap(SessionKeys.idOf) };
  }

  /** Never by GROUPBY: that is one piece of work for Redis, while all requests wait. */
  async countBy(version: string, query: SearchQuery, attribute: string) {
    await this.#assertWhole(version, query);
    const counts = new Map<string, number>();
    let isFirst = true;
    let few: string[] | undefined;
    for await (const records of this.#pages(version, query, ['LOAD', 1, `@${attribute}`], ROWS)) {
      if (isFirst && records.length === ROWS) {
        const tags = await this.tagsOf(version, attribute);
        if (tags.length <= MOST_TAGS) few = tags;
        // The counting begins after the loop: a promise that fails while the cursor is closed would be an unhandled rejection.
        if (few) break;
      }
      isFirst = false;
      for (const record of records) {
        const text = valueIn(record, attribute);
        if (typeof text !== 'string') continue;
        for (const tag of text.split(TAG_SEPARATOR)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      }
    }
    return few ? this.#countEach(version, query, attribute, few) : counts;
  }

  async #countEach(
    version: string,
    { text, params }: SearchQuery,
    attribute: string,
    tags: readonly string[],
  ) {
    const ofTag = `@${attribute}:{$tag}`;
    const both = text === '*' ? ofTag : `(${text}) ${ofTag}`;
    const none = { offset: 0, size: 0, sort: undefined };
    const counts = new Map<string, number>();
    for (let at = 0; at < tags.length; at += COUNTS_AT_ONCE) {
      const count = async (tag: string) => {
        const query = { text: both, params: [...params, 'tag', tag], hasPrefix: false };
        const { total } = await this.find(version, query, none);
        // Search keeps tags for a while that no document has any more.
        if (total > 0) counts.set(tag, total);
      };
      await Promise.all(tags.slice(at, at + COUNTS_AT_ONCE).map(count));
    }
    return counts;
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
        if (answer.isLate) throw cutShort(this.#commands.limitMs);
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
    const limit = ['TIMEOUT', this.#commands.limitMs];
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
    return { reply, isLate: performance.now() - askedAt >= this.#commands.limitMs };
  }
}
