import { encodeTag } from '../../core/index-text.js';
import type { IndexedValue } from '../../core/session-index.js';
import type { IndexKind, Tag } from '../../index-declaration.js';
import { badCondition, Condition, MOST_VALUES, type Param } from './condition.js';

/**
 * Exactly one of these: `tenant: oneOf('acme', 'globex')`. None of none. At most 1,000.
 *
 * @throws {SessionError} `SESSION_STATE` for more, and for what is no text, finite number, boolean or date.
 */
export function oneOf<const Values extends readonly (Tag | Date)[]>(
  ...values: Values
): OneOf<Values[number]> {
  return new OneOf(values);
}

/** This is among the tags of the field: `products: has('tea')`. For one of several, `oneOf`. */
export function has(value: Tag): OneOf<Tag> {
  return new OneOf([value], 'has');
}

/** A condition on tags or numbers, made by {@link oneOf} and {@link has}. */
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
