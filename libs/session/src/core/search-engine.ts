import type { SessionId } from './token.js';

/** A question in the language of Search. No value ever stands in the text: they travel apart from it. */
export interface SearchQuery {
  readonly text: string;
  /** Names and values, in turn. */
  readonly params: readonly (string | number)[];
  /** Whether it asks for beginnings of tags, of which Search looks at a limited number. */
  readonly hasPrefix: boolean;
}

/** Which of the hits, counted from 0, and in which order. */
export interface SearchPage {
  readonly offset: number;
  readonly size: number;
  readonly sort: { readonly by: string; readonly order: 'asc' | 'desc' } | undefined;
}

/**
 * The search of the store. An abstract class, so that one name is contract and injection token.
 *
 * All methods reject with `SESSION_SEARCH` when the answer would not be whole, and with `SESSION_STORE` when there
 * was none.
 */
export abstract class SearchEngine {
  abstract find(
    version: string,
    query: SearchQuery,
    page: SearchPage,
  ): Promise<{ readonly total: number; readonly ids: SessionId[] }>;

  /** How many hits have each tag of an attribute, which may have several. A hit that changes meanwhile may count twice. */
  abstract countBy(
    version: string,
    query: SearchQuery,
    attribute: string,
  ): Promise<ReadonlyMap<string, number>>;

  /** All hits, in batches. One that changes meanwhile may come twice. */
  abstract idsOf(version: string, query: SearchQuery): AsyncGenerator<SessionId[]>;

  /** The tags that there are under an attribute; some may be of documents that have gone. */
  abstract tagsOf(version: string, attribute: string): Promise<string[]>;
}
