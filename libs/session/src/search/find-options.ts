import type { SearchPage } from '../core/search-engine.js';
import type { SessionInfo } from '../session-info.js';
import type { BuiltInIndex, IndexDeclaration, IndexField } from '../index-declaration.js';
import { badCondition } from './conditions/condition.js';
import type { FilterReader } from './filter-reader.js';

/** The names of the index fields of a kind. */
export type NamesOf<Index, Kind extends string> = {
  [Name in keyof (BuiltInIndex & Index)]: (BuiltInIndex & Index)[Name] extends IndexField<infer K>
    ? K extends Kind
      ? Name & string
      : never
    : never;
}[keyof (BuiltInIndex & Index)];

/** Which page of the hits, and in which order. */
export interface FindOptions<Index extends IndexDeclaration = IndexDeclaration> {
  /** Default `1`, the first. With the size, at most the first 10,000 hits; for more use `stream`. */
  readonly page?: number;
  /** Default `50`, at most 1,000. */
  readonly pageSize?: number;
  /** Default: in no order. */
  readonly sort?: {
    /** An index field of kind `tag` or `numeric`. */
    readonly by: NamesOf<Index, 'tag' | 'numeric'>;
    /** Default `asc`: small before large, early before late. */
    readonly order?: 'asc' | 'desc';
  };
}

/** One page of hits. */
export interface FindResult {
  /** Alive and meeting the filter when they were read, a moment after the search. */
  readonly sessions: readonly SessionInfo[];
  /** How many hits there are on all pages, by the index alone. */
  readonly total: number;
}

const MOST_PER_PAGE = 1000;
const DEEPEST = 10_000;

/** @throws {SessionError} `SESSION_STATE` when there can be no such page, or no such order. */
export function pageOf<Index extends IndexDeclaration>(
  { page = 1, pageSize = 50, sort }: FindOptions<Index>,
  filters: FilterReader,
): SearchPage {
  const isSize = Number.isSafeInteger(pageSize) && pageSize >= 1 && pageSize <= MOST_PER_PAGE;
  if (!isSize || !Number.isSafeInteger(page) || page < 1 || page * pageSize > DEEPEST) {
    throw badCondition(
      `page ${page} of ${pageSize} sessions each: a page has 1 to ${MOST_PER_PAGE}, and ends within the first ${DEEPEST}; for all of them use stream()`,
    );
  }
  return {
    offset: (page - 1) * pageSize,
    size: pageSize,
    sort: sort && { by: sortable(sort.by, filters), order: orderOf(sort.order) },
  };
}

function sortable(name: string, filters: FilterReader): string {
  const { kind } = filters.attribute(name);
  if (kind === 'tag' || kind === 'numeric') return name;
  throw badCondition(`sessions cannot be sorted by "${name}", which holds ${kind}`);
}

/** It stands in the text of the command, so it is one of two. */
function orderOf(order: 'asc' | 'desc' = 'asc'): 'asc' | 'desc' {
  if (order === 'asc' || order === 'desc') return order;
  throw badCondition('sessions are sorted "asc" or "desc"');
}
