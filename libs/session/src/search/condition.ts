import { encodeTag, encodeTagStart, wordsOf } from '../core/index-text.js';
import type { IndexedValue } from '../core/session-index.js';
import { SessionError } from '../session.errors.js';
import type { IndexKind, Tag } from '../index-declaration.js';

/** Gives a value a name that may stand in the text of a query in its place. */
export type Param = (value: string | number) => string;

/** What can be compared as a number. */
export type Moment = number | Date;

const MOST_VALUES = 1000;
const SHORTEST_START = 2;
const LONGEST_START = 256;

/**
 * What an index field is to be. Only the functions of this module make one: an object that came from outside, such
 * as `{ "oneOf": [] }` in a query string, is none and is refused.
 */
export abstract class Condition {
  abstract readonly kinds: readonly IndexKind[];
  readonly hasPrefix: boolean = false;

  /** The clause for an attribute; `false` where nothing can meet it. */
  abstract clause(attribute: string, kind: IndexKind, param: Param): string | false;

  /** The same, said about what is indexed of one session. */
  abstract accepts(value: IndexedValue): boolean;
}

/** Exactly one of these: `tenant: oneOf('acme', 'globex')`. None of none. At most 1,000. */
export function oneOf<const Values extends readonly (Tag | Date)[]>(
  ...values: Values
): OneOf<Values[number]> {
  return new OneOf(values);
}

/** This is among the tags of the field: `products: has('tea')`. For one of several, `oneOf`. */
export function has(value: Tag): OneOf<Tag> {
  return new OneOf([value], 'has');
}

/** Both ends belong to it. */
export function between(from: Moment, to: Moment): Range {
  return new Range('between', from, to);
}

export function atLeast(from: Moment): Range {
  return new Range('atLeast', from, Infinity);
}

export function atMost(to: Moment): Range {
  return new Range('atMost', -Infinity, to);
}

/** Less than, earlier than. */
export function below(to: Moment): Range {
  return new Range('below', -Infinity, to, false);
}

/**
 * A tag that begins so: `ip: startsWith('10.0.')`. Of 2 to 256 characters. Search looks at a limited number of
 * different tags (its setting `MAXEXPANSIONS`, 200 by default); where more begin so, the answer is an error.
 */
export function startsWith(start: string): StartsWith {
  return new StartsWith(start);
}

/** All words of this text are in the field, in any order. Without a word it is true of none. */
export function matches(words: string): Matches {
  return new Matches(words);
}

export class OneOf<V extends Tag | Date> extends Condition {
  readonly kinds = ['tag', 'tags', 'numeric'] as const;

  constructor(
    private readonly values: readonly V[],
    name = 'oneOf',
  ) {
    super();
    if (values.length > MOST_VALUES) {
      throw badCondition(`${name}() takes at most ${MOST_VALUES} values`);
    }
    if (!values.every(isPlain)) throw badCondition(`${name}() takes texts, numbers and booleans`);
  }

  clause(attribute: string, kind: IndexKind, param: Param): string | false {
    if (this.values.length === 0) return false;
    if (kind !== 'numeric') {
      return `@${attribute}:{${this.values.map((value) => param(encodeTag(String(value)))).join(' | ')}}`;
    }
    return this.values
      .map((value) => param(numberOf(value)))
      .map((name) => `@${attribute}:[${name} ${name}]`)
      .join(' | ');
  }

  accepts(value: IndexedValue): boolean {
    if (typeof value === 'number') return this.values.some((wanted) => numberOf(wanted) === value);
    return this.values.some((wanted) => value?.includes(String(wanted)) === true);
  }
}

export class Range extends Condition {
  readonly kinds = ['numeric'] as const;
  readonly #from: number;
  readonly #to: number;

  constructor(
    name: string,
    from: Moment,
    to: Moment,
    private readonly includesEnd = true,
  ) {
    super();
    [this.#from, this.#to] = [Number(from), Number(to)];
    const areMoments = [from, to].every((end) => typeof end === 'number' || end instanceof Date);
    if (!areMoments || Number.isNaN(this.#from) || Number.isNaN(this.#to)) {
      throw badCondition(`${name}() takes numbers and dates`);
    }
  }

  clause(attribute: string, _kind: IndexKind, param: Param): string | false {
    if (this.#from > this.#to) return false;
    const from = this.#from === -Infinity ? '-inf' : param(this.#from);
    const to = this.#to === Infinity ? '+inf' : param(this.#to);
    return `@${attribute}:[${from} ${this.includesEnd ? '' : '('}${to}]`;
  }

  accepts(value: IndexedValue): boolean {
    if (typeof value !== 'number') return false;
    return value >= this.#from && (this.includesEnd ? value <= this.#to : value < this.#to);
  }
}

export class StartsWith extends Condition {
  readonly kinds = ['tag', 'tags'] as const;
  override readonly hasPrefix = true;

  constructor(private readonly start: string) {
    super();
    const { length } = typeof start === 'string' ? start : '';
    if (length >= SHORTEST_START && length <= LONGEST_START) return;
    throw badCondition(
      `startsWith() takes a text of ${SHORTEST_START} to ${LONGEST_START} characters`,
    );
  }

  clause(attribute: string, _kind: IndexKind, param: Param): string {
    const start = `${param(encodeTagStart(this.start))}*`;
    // A blank at the end of a tag stands otherwise than one within it: the tag that is this very text.
    const itself = this.start.endsWith(' ') ? ` | ${param(encodeTag(this.start))}` : '';
    return `@${attribute}:{${start}${itself}}`;
  }

  accepts(value: IndexedValue): boolean {
    return typeof value === 'object' && value.some((tag) => tag.startsWith(this.start));
  }
}

export class Matches extends Condition {
  readonly kinds = ['text'] as const;
  readonly #words: readonly string[];

  constructor(words: string) {
    super();
    if (typeof words !== 'string') throw badCondition('matches() takes a text');
    this.#words = [...new Set(wordsOf(words))];
    if (this.#words.length > MOST_VALUES) {
      throw badCondition(`matches() takes at most ${MOST_VALUES} words`);
    }
  }

  clause(attribute: string, _kind: IndexKind, param: Param): string | false {
    if (this.#words.length === 0) return false;
    return this.#words.map((word) => `@${attribute}:(${param(word)})`).join(' ');
  }

  accepts(value: IndexedValue): boolean {
    if (typeof value !== 'object' || this.#words.length === 0) return false;
    const words = new Set(value);
    return this.#words.every((word) => words.has(word));
  }
}

export function badCondition(what: string): SessionError {
  return new SessionError('SESSION_STATE', `A filter of SessionSearch is wrong: ${what}.`);
}

export function isPlain(value: unknown): value is Tag | Date {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value instanceof Date) return Number.isFinite(value.getTime());
  return typeof value === 'string' || typeof value === 'boolean';
}

function numberOf(value: Tag | Date): number {
  if (typeof value === 'number') return value;
  if (value instanceof Date) return value.getTime();
  throw badCondition('a field of numbers is compared with a text');
}
