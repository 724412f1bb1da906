import type { SearchQuery } from '../core/search-engine.js';
import type { SessionRecord } from '../core/record.js';
import type { IndexedField, IndexedValue, SessionIndex } from '../core/session-index.js';
import type { IndexKind } from '../index-declaration.js';
import { badCondition, Condition, type Param } from './conditions/condition.js';
import { isPlain, OneOf } from './conditions/one-of.js';
import { Combination } from './filter.js';

interface Attribute {
  readonly kind: IndexKind;
  readonly source: IndexedField | undefined;
  valueOf(record: SessionRecord): IndexedValue;
}

/** Search refuses a query whose brackets are nested too deeply, as if it could not be read. */
const MOST_LEVELS = 32;
const EVERYTHING = '*';
/** No moment is both. */
const NOTHING = '@createdAt:[1 0]';

const BUILT_IN: Record<string, Attribute> = {
  userId: builtIn('tag', ({ userId }) => (userId === undefined ? undefined : [userId])),
  createdAt: builtIn('numeric', ({ createdAt }) => createdAt),
  signedInAt: builtIn('numeric', ({ authenticatedAt }) => authenticatedAt),
  ip: builtIn('tag', ({ device }) => (device.address === undefined ? undefined : [device.address])),
};

/** Reads filters: as questions to Search, and as questions to a session that is at hand. */
export class FilterReader {
  readonly #attributes: ReadonlyMap<string, Attribute>;

  constructor(private readonly index: SessionIndex) {
    this.#attributes = new Map([
      ...Object.entries(BUILT_IN),
      ...index.fields.map((field): [string, Attribute] => [field.name, this.#declared(field)]),
    ]);
  }

  /** @throws {SessionError} `SESSION_STATE` for a field that is not in the index, or a condition that is none. */
  attribute(name: string): Attribute {
    const attribute = this.#attributes.get(name);
    if (attribute) return attribute;
    const why =
      name === 'lastSeenAt' ? ' (each request would change it, but every hit carries it)' : '';
    throw badCondition(
      `there is no index field "${name}"${why}. There are ${[...this.#attributes.keys()].join(', ')}`,
    );
  }

  /** As a question to Search. The shape of its text comes from the program alone, values travel apart from it. */
  queryOf(filter: unknown): SearchQuery {
    const params: (string | number)[] = [];
    const param: Param = (value) => {
      const name = `p${params.length / 2}`;
      params.push(name, value);
      return `$${name}`;
    };
    let hasPrefix = false;
    const text = this.#read<string | boolean>(filter, {
      one: (name, attribute, condition) => {
        hasPrefix ||= condition.hasPrefix;
        return condition.clause(name, attribute.kind, param);
      },
      and: (clauses) => joined(clauses, ' ', false),
      or: (clauses) => joined(clauses, ' | ', true),
      not: (clause) => (typeof clause === 'boolean' ? !clause : `-(${clause})`),
    });
    if (text === false) return { text: NOTHING, params: [], hasPrefix: false };
    if (text === true) return { text: EVERYTHING, params: [], hasPrefix: false };
    return { text, params, hasPrefix };
  }

  /** Whether a session meets the filter as it is now. */
  matches(filter: unknown, record: SessionRecord): boolean {
    return this.#read<boolean>(filter, {
      one: (_name, attribute, condition) => condition.accepts(attribute.valueOf(record)),
      and: (answers) => answers.every(Boolean),
      or: (answers) => answers.some(Boolean),
      not: (answer) => !answer,
    });
  }

  /** The session fields that decide whether a session meets the filter: all else never changes under one id. */
  sourcesOf(filter: unknown): ReadonlySet<string> {
    const sources = new Set<string>();
    this.#read<void>(filter, {
      one: (_name, { source }) => void (source && sources.add(source.field)),
      and: () => undefined,
      or: () => undefined,
      not: () => undefined,
    });
    return sources;
  }

  #read<T>(filter: unknown, how: Reading<T>, depth = 0): T {
    if (filter instanceof Combination) {
      if (depth === MOST_LEVELS) {
        throw badCondition(
          `and(), or() and not() are nested deeper than ${MOST_LEVELS} levels. One and() or or() takes any number of filters`,
        );
      }
      const parts = filter.filters.map((part) => this.#read(part, how, depth + 1));
      return filter.how === 'not' ? how.not(parts[0]!) : how[filter.how](parts);
    }
    return how.and(
      Object.entries(plainObject(filter)).map(([name, wanted]) => {
        const attribute = this.attribute(name);
        return how.one(name, attribute, conditionOn(name, attribute, wanted));
      }),
    );
  }

  #declared(field: IndexedField): Attribute {
    return {
      kind: field.kind,
      source: field,
      valueOf: ({ fields }) => this.index.valueOf(field, fields.get(field.field)),
    };
  }
}

interface Reading<T> {
  one(name: string, attribute: Attribute, condition: Condition): T;
  and(parts: readonly T[]): T;
  or(parts: readonly T[]): T;
  not(part: T): T;
}

function builtIn(kind: IndexKind, valueOf: Attribute['valueOf']): Attribute {
  return { kind, source: undefined, valueOf };
}

/** @param decisive what one part suffices for, whatever the others are. */
function joined(
  clauses: readonly (string | boolean)[],
  separator: string,
  decisive: boolean,
): string | boolean {
  if (clauses.includes(decisive)) return decisive;
  const texts = clauses.filter((clause) => typeof clause === 'string');
  if (texts.length === 0) return !decisive;
  return texts.map((text) => `(${text})`).join(separator);
}

function plainObject(filter: unknown): object {
  const isObject = typeof filter === 'object' && filter !== null && !Array.isArray(filter);
  if (isObject && !(filter instanceof Condition)) return filter;
  throw badCondition('it must be an object such as { tenant: "acme" }, or made by and, or, not');
}

function conditionOn(name: string, { kind }: Attribute, wanted: unknown): Condition {
  const condition =
    isPlain(wanted) && kind !== 'tags' && kind !== 'text' ? new OneOf([wanted]) : wanted;
  if (condition instanceof Condition && condition.kinds.includes(kind)) return condition;
  const fits: Record<IndexKind, string> = {
    tag: 'a text, oneOf() or startsWith()',
    tags: 'has(), oneOf() or startsWith()',
    numeric: 'a number, a date, oneOf(), between(), atLeast(), atMost() or below()',
    text: 'matches()',
  };
  throw badCondition(`"${name}" is compared with ${describe(wanted)}; it takes ${fits[kind]}`);
}

function describe(wanted: unknown): string {
  if (wanted instanceof Condition) return 'a condition of another kind of field';
  return wanted === null || wanted === undefined
    ? String(wanted)
    : `a value of type ${typeof wanted}`;
}
