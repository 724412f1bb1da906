import type { BuiltInIndex, IndexDeclaration, IndexField } from '../index-declaration.js';
import type { Matches } from './conditions/matches.js';
import type { OneOf } from './conditions/one-of.js';
import type { Moment, Range } from './conditions/range.js';
import type { StartsWith } from './conditions/starts-with.js';
import type { Tag } from '../index-declaration.js';

/** What a field of each kind is compared with. */
interface Conditions {
  readonly tag: Tag | OneOf<Tag> | StartsWith;
  readonly tags: OneOf<Tag> | StartsWith;
  readonly numeric: Moment | OneOf<Moment> | Range;
  readonly text: Matches;
}

type ConditionOn<Field> = Field extends IndexField<infer Kind> ? Conditions[Kind] : never;

type Fields<Index> = BuiltInIndex & Index;

/** Each field that is named must be so. */
export type FieldFilter<Index extends IndexDeclaration> = {
  readonly [Name in keyof Fields<Index>]?: ConditionOn<Fields<Index>[Name]>;
};

/**
 * Which sessions: by fields, or by filters put together with {@link and}, {@link or} and {@link not}. `{}` are all.
 * `{ tenant: 'acme', products: has('tea') }`, `or({ tenant: 'acme' }, not({ products: has('tea') }))`.
 */
export type SessionFilter<Index extends IndexDeclaration = IndexDeclaration> =
  FieldFilter<Index> | Combination<FieldFilter<Index>>;

/** Filters put together by {@link and}, {@link or} or {@link not}. */
export class Combination<Filter> {
  /** @internal */
  constructor(
    /** @internal */
    readonly how: 'and' | 'or' | 'not',
    /** @internal */
    readonly filters: readonly (Filter | Combination<Filter>)[],
  ) {}
}

type Parts<Filter> = Filter extends Combination<infer Part> ? Part : Filter;

/** All of these hold; of none, always. */
export function and<Filters extends readonly object[]>(
  ...filters: Filters
): Combination<Parts<Filters[number]>> {
  return new Combination('and', filters as never);
}

/** At least one of these holds; of none, never. */
export function or<Filters extends readonly object[]>(
  ...filters: Filters
): Combination<Parts<Filters[number]>> {
  return new Combination('or', filters as never);
}

/** This does not hold. */
export function not<Filter extends object>(filter: Filter): Combination<Parts<Filter>> {
  return new Combination('not', [filter] as never);
}
