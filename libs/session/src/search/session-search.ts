import { Inject, Injectable } from '@nestjs/common';
import type { Expectations } from '../core/changes.js';
import type { SessionRecord } from '../core/record.js';
import { SearchEngine } from '../core/search-engine.js';
import type { Session } from '../core/session.js';
import { SessionIndex } from '../core/session-index.js';
import { SessionRepository, type WriteResult } from '../core/session-repository.js';
import type { Synchronous } from '../core/synchronous.js';
import type { SessionId } from '../core/token.js';
import { traceRevoke } from '../core/trace.js';
import type { StorableData } from '../session-data.js';
import { infoOf, type SessionInfo, sessionOf } from '../session-info.js';
import type { IndexDeclaration } from '../index-declaration.js';
import { SessionSettings } from '../session.settings.js';
import { assertCallOptions, type OptionNames } from '../settings/known-options.js';
import { badCondition } from './conditions/condition.js';
import type { SessionFilter } from './filter.js';
import { FilterReader } from './filter-reader.js';
import { type FindOptions, type FindResult, type NamesOf, pageOf } from './find-options.js';
import { fieldChanges, GuardedAction } from './guarded-action.js';
import { IndexKeeper, type IndexStatus, type PrepareOptions } from './index-keeper.js';
import { type MassActionOptions, type MassActionResult, toEach } from './mass-action.js';
import { mostFirst } from './most-first.js';

const FIND = { page: 'value', pageSize: 'value', sort: 'value' } satisfies OptionNames<FindOptions>;
const MASS_ACTION = {
  onProgress: 'function',
  signal: 'value',
} satisfies OptionNames<MassActionOptions>;
const PREPARE = { onProgress: 'function', signal: 'value' } satisfies OptionNames<PrepareOptions>;

/**
 * Questions across all sessions, answered by Redis Search without looking at each: `SessionSearch<typeof index>`,
 * where `index` is what the option of that name was given.
 *
 * Hits are candidates. Whatever is listed is alive and meets the filter, and whatever is done to a session is done
 * only if it still meets it, decided inside Redis. Sessions are named by their public ids, never by tokens.
 *
 * Every method rejects with `SESSION_SEARCH` when the answer would not be whole: no Search, an index that is still being
 * filled, a time limit; and with `SESSION_STORE` when Redis does not answer.
 */
@Injectable()
export class SessionSearch<Index extends IndexDeclaration = IndexDeclaration> {
  readonly #filters: FilterReader;

  readonly #engine: SearchEngine;
  readonly #repository: SessionRepository;
  readonly #keeper: IndexKeeper;
  readonly #index: SessionIndex;
  readonly #settings: SessionSettings;

  /** @internal */
  constructor(
    @Inject(SearchEngine) engine: SearchEngine,
    @Inject(SessionRepository) repository: SessionRepository,
    @Inject(IndexKeeper) keeper: IndexKeeper,
    @Inject(SessionIndex) index: SessionIndex,
    @Inject(SessionSettings) settings: SessionSettings,
  ) {
    this.#engine = engine;
    this.#repository = repository;
    this.#keeper = keeper;
    this.#index = index;
    this.#settings = settings;
    this.#filters = new FilterReader(index);
  }

  /**
   * A page of the sessions that meet the filter. 1 to 3 commands at once, and 1 for each session on the page.
   *
   * @throws {SessionError} `SESSION_STATE` for a filter, a page or an order that cannot be.
   */
  async find(filter: SessionFilter<Index>, options: FindOptions<Index> = {}): Promise<FindResult> {
    assertCallOptions(options, FIND, 'find()');
    const query = this.#filters.queryOf(filter);
    const page = pageOf(options, this.#filters);
    const { total, ids } = await this.#keeper.ask(() =>
      this.#engine.find(this.#index.version, query, page),
    );
    return { sessions: await this.#read(ids, filter), total };
  }

  /**
   * All sessions that meet the filter, however many, in no order: `for await (const session of search.stream(filter))`.
   * Remembers the ids that it gave, 100 bytes each. 1 command for 500 hits, and 1 for each.
   */
  async *stream(filter: SessionFilter<Index>): AsyncGenerator<SessionInfo, void, undefined> {
    for await (const ids of this.#hits(filter)) yield* await this.#read(ids, filter);
  }

  /** How many sessions meet the filter, by the index alone. 1 to 3 commands at once. */
  async count(filter: SessionFilter<Index> = {}): Promise<number> {
    const query = this.#filters.queryOf(filter);
    const none = { offset: 0, size: 0, sort: undefined };
    const { total } = await this.#keeper.ask(() =>
      this.#engine.find(this.#index.version, query, none),
    );
    return total;
  }

  /**
   * How many sessions there are of each tag of a field, most first, by the index alone. Sessions without one count
   * nowhere, and those with several count for each. Up to 1,000 hits: 1 to 3 concurrent commands. Of more: one for each tag, 50
   * concurrently; beyond 20,000 tags one for each 1,000 hits. No one command keeps requests waiting for longer than a `count` of its tag, and the list of
   * tags, 0.6 microseconds for each. A session that changes meanwhile may count twice.
   *
   * @throws {SessionError} `SESSION_STATE` for a field that is not made of tags.
   */
  async countBy(
    field: NamesOf<Index, 'tag' | 'tags'>,
    filter: SessionFilter<Index> = {},
  ): Promise<ReadonlyMap<string, number>> {
    const { kind } = this.#filters.attribute(field);
    if (kind !== 'tag' && kind !== 'tags') throw badCondition(`"${field}" is not made of tags`);
    const query = this.#filters.queryOf(filter);
    const groups = await this.#keeper.ask(() =>
      this.#engine.countBy(this.#index.version, query, field),
    );
    return mostFirst(groups);
  }

  /**
   * Ends every session that meets the filter. `{}` ends all. 2 commands for each. A session that begins or changes
   * meanwhile may or may not be among them.
   */
  async revokeWhere(
    filter: SessionFilter<Index>,
    options: MassActionOptions = {},
  ): Promise<MassActionResult> {
    assertCallOptions(options, MASS_ACTION, 'revokeWhere()');
    const end = () =>
      this.#each(filter, options, (record, expected) =>
        this.#repository.revokeIf(record, 'revoked', expected),
      );
    return traceRevoke('search', end, ({ changed }) => changed);
  }

  /**
   * Writes fields of every session that meets the filter, or does with it what a handler would:
   * `(session) => session.update('cart', withoutRecalled)`. Such a function may run again, so it has no other effects, and it
   * changes fields only. 2 commands for each.
   *
   * @throws {SessionError} `SESSION_FORMAT` or `SESSION_TOO_LARGE` for values that cannot be stored, `SESSION_STATE` when the function
   *   returns a promise; then nothing was written. What the function cannot do with one session alone is counted in `failed`.
   */
  async updateWhere(
    filter: SessionFilter<Index>,
    changes: Partial<StorableData> | ((session: Session) => Synchronous),
    options: MassActionOptions = {},
  ): Promise<MassActionResult> {
    assertCallOptions(options, MASS_ACTION, 'updateWhere()');
    // What cannot be stored in any session is refused before the first.
    if (typeof changes !== 'function') sessionOf(undefined, this.#settings).setAll(changes);
    return this.#each(filter, options, async (record, expected) => {
      const changed = fieldChanges(sessionOf(record, this.#settings), changes);
      return changed.size === 0 ? undefined : this.#repository.commit(record.id, changed, expected);
    });
  }

  /**
   * Makes the index, fills it and removes what is not used any more, as is done at the start of the application unless
   * `prepareIndexAtStart` is `false`. Resolves when every session is in it. Where it is full already: a few commands.
   */
  async prepare(options: PrepareOptions = {}): Promise<void> {
    assertCallOptions(options, PREPARE, 'prepare()');
    return this.#keeper.prepare(options);
  }

  /** How the index is. 2 commands. */
  status(): Promise<IndexStatus> {
    return this.#keeper.status();
  }

  async *#hits(filter: SessionFilter<Index>): AsyncGenerator<SessionId[]> {
    const query = this.#filters.queryOf(filter);
    // Catches up before the first hit; afterwards the answer is under way.
    await this.#keeper.ask(async () => undefined);
    const seen = new Set<SessionId>();
    for await (const ids of this.#engine.idsOf(this.#index.version, query)) {
      const fresh = ids.filter((id) => !seen.has(id));
      for (const id of fresh) seen.add(id);
      yield fresh;
    }
  }

  async #read(ids: readonly SessionId[], filter: SessionFilter<Index>): Promise<SessionInfo[]> {
    const records = await Promise.all(ids.map((id) => this.#repository.read(id)));
    return records
      .filter((record) => record !== undefined)
      .filter((record) => this.#filters.matches(filter, record))
      .map((record) => infoOf(record, this.#settings, this.#repository.now()));
  }

  async #each(
    filter: SessionFilter<Index>,
    options: MassActionOptions,
    act: (record: SessionRecord, expected: Expectations) => Promise<WriteResult | undefined>,
  ): Promise<MassActionResult> {
    const expected = await this.count(filter);
    const guarded = new GuardedAction(this.#repository, this.#filters, filter, act);
    return toEach(this.#hits(filter), expected, (id) => guarded.on(id), options);
  }
}
