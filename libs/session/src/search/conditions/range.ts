import type { IndexedValue } from '../../core/session-index.js';
import type { IndexKind } from '../../index-declaration.js';
import { badCondition, Condition, type Param } from './condition.js';

/** What can be compared as a number. */
export type Moment = number | Date;

/**
 * Both ends belong to it: `createdAt: between(monday, friday)`. True of none where `from` is above `to`.
 *
 * @throws {SessionError} `SESSION_STATE`, as its three companions do, for what is neither number nor date.
 */
export function between(from: Moment, to: Moment): Range {
  return new Range('between', from, to);
}

/** This number or a greater one, this moment or a later one. */
export function atLeast(from: Moment): Range {
  return new Range('atLeast', from, Infinity);
}

/** This number or a smaller one, this moment or an earlier one. */
export function atMost(to: Moment): Range {
  return new Range('atMost', -Infinity, to);
}

/** Less than, earlier than. */
export function below(to: Moment): Range {
  return new Range('below', -Infinity, to, false);
}

/** A condition on a field of kind `numeric`, made by {@link between}, {@link atLeast}, {@link atMost} and {@link below}. */
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
