import type { SessionData, SessionField } from './session-data.js';

/**
 * How Search looks at an index field: as one exact word, as several, as a number, or as the words of a text.
 */
export type IndexKind = 'tag' | 'tags' | 'numeric' | 'text';

/** One field of the index: of which kind it is, and which one session field it is read from. */
export interface IndexField<Kind extends IndexKind = IndexKind> {
  /** It decides which conditions a filter may set on it. */
  readonly kind: Kind;
  /** When this one changes, the session's index document is made anew, in the same step. */
  readonly field: SessionField;
  /** From the value of the session field to what is indexed; `undefined` takes the value itself. */
  readonly read: ((value: never) => unknown) | undefined;
}

/** The fields of the index by their names, as {@link SessionOptions.index} takes them. */
export type IndexDeclaration = Readonly<Record<string, IndexField>>;

/** What a tag is made of; each is indexed as its text. */
export type Tag = string | number | boolean;

/** `undefined` leaves the session out of this field of the index. */
type Read<K extends SessionField, To> = (value: SessionData[K]) => To | undefined;

/** The function may be left out where the field holds already what the index needs. */
type Reading<K extends SessionField, Needed> =
  NonNullable<SessionData[K]> extends Needed ? [read?: Read<K, Needed>] : [read: Read<K, Needed>];

/**
 * An exact word, such as a tenant or a plan: `tag('tenant')`, or `tag('cart', (cart) => cart.currency)`. Upper and
 * lower case differ, and every text is found as it is, empty ones too.
 *
 * @param field the session field that it is read from.
 * @param read a pure, synchronous function of the field's value. It is part of the declaration: with another text
 *   of the function another index is built.
 */
export function tag<K extends SessionField>(
  field: K,
  ...[read]: Reading<K, Tag>
): IndexField<'tag'> {
  return { kind: 'tag', field, read };
}

/**
 * Any number of exact words: `tags('cart', (cart) => cart.map((line) => line.sku))`.
 *
 * @param field as in {@link tag}.
 * @param read as in {@link tag}.
 */
export function tags<K extends SessionField>(
  field: K,
  ...[read]: Reading<K, readonly Tag[]>
): IndexField<'tags'> {
  return { kind: 'tags', field, read };
}

/**
 * A number, to be compared and sorted by: `numeric('views')`, or `numeric('cart', total)`. Without a function it also
 * follows `session.increment()`, within the same step in Redis.
 *
 * @param field as in {@link tag}.
 * @param read as in {@link tag}.
 */
export function numeric<K extends SessionField>(
  field: K,
  ...[read]: Reading<K, number>
): IndexField<'numeric'> {
  return { kind: 'numeric', field, read };
}

/**
 * The words of a text, in any script, upper and lower case alike: `text('note')`.
 *
 * @param field as in {@link tag}.
 * @param read as in {@link tag}.
 */
export function text<K extends SessionField>(
  field: K,
  ...[read]: Reading<K, string>
): IndexField<'text'> {
  return { kind: 'text', field, read };
}

/** What every session has in the index. The moments are epoch milliseconds, and are compared with dates, too. */
export interface BuiltInIndex {
  /** Whom the session is signed in for; guests have none. */
  readonly userId: IndexField<'tag'>;
  /** As {@link SessionInfo.createdAt}. */
  readonly createdAt: IndexField<'numeric'>;
  /** When the user last proved who they are; guests have none. */
  readonly signedInAt: IndexField<'numeric'>;
  /** From where it was signed in; unless `recordDevice` is off. */
  readonly ip: IndexField<'tag'>;
}
