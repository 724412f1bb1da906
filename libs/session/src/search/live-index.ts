import type { IndexStore } from '../core/index-store.js';
import type { SearchEngine, SearchQuery } from '../core/search-engine.js';
import type { SkippedSessions } from '../core/skipped-sessions.js';
import { SessionError } from '../session.errors.js';
import { percentOf } from './index-filler.js';
import { mostFirst } from './most-first.js';
import { queryForOutdated } from './outdated.js';
import { INDEXED_FOR } from './schema.js';

const ALL: SearchQuery = { text: '*', params: [], hasPrefix: false };

/** What an index that others keep knows of sessions. */
export interface LiveCounts {
  /** Of the declaration that the index was made for. */
  readonly version: string;
  /** How many sessions there are of each tag, most first. */
  readonly counts: ReadonlyMap<string, number>;
  /** Sessions that an application with another declaration has written: they may be missing in the counts. */
  readonly outdated: number;
  /** Sessions that could not be brought into the index: they are missing in the counts. */
  readonly skipped: SkippedSessions;
}

/**
 * The index in use, for programs that have no declaration: names and kinds of its fields are asked of Search. It is only
 * read. How documents are made is known to the application alone, which makes outdated ones anew.
 */
export class LiveIndex {
  constructor(
    private readonly store: IndexStore,
    private readonly engine: SearchEngine,
  ) {}

  /**
   * @param field one that is made of tags.
   * @throws {SessionError} `SESSION_SEARCH` where there is no Search, no index, or one that is not full; `SESSION_STATE` for
   *   another field, naming those that there are.
   */
  async countBy(field: string): Promise<LiveCounts> {
    await this.store.assertAvailable();
    const index = await this.store.inUse();
    if (!index) throw noIndex();
    const { version } = index;
    const tags = index.tags.filter((name) => name !== INDEXED_FOR);
    if (!tags.includes(field)) {
      throw new SessionError(
        'SESSION_STATE',
        `There is no index field "${field}" of tags. There are ${tags.join(', ')}.`,
      );
    }
    const skipped = await this.#assertComplete(version);
    const counts = mostFirst(await this.engine.countBy(version, ALL, field));
    return { version, counts, outdated: await this.#countOutdated(version), skipped };
  }

  async #assertComplete(version: string): Promise<SkippedSessions> {
    const state = await this.store.note(version, { kind: 'look' });
    if (state.isComplete) return state.skipped;
    throw new SessionError(
      'SESSION_SEARCH',
      `The index is not known to hold all sessions: it is filled to ${percentOf(state)} %, or no instance of the application has used it for some minutes. Try again when the application runs.`,
    );
  }

  async #countOutdated(version: string): Promise<number> {
    const query = await queryForOutdated(this.engine, version);
    if (!query) return 0;
    const page = { offset: 0, size: 0, sort: undefined };
    return (await this.engine.find(version, query, page)).total;
  }
}

function noIndex(): SessionError {
  return new SessionError(
    'SESSION_SEARCH',
    'There is no index of sessions under this key prefix, or it is being filled for the first time. The option index of SessionModule declares one.',
  );
}
