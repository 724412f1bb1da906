import { wordsOf } from '../../core/index-text.js';
import type { IndexedValue } from '../../core/session-index.js';
import type { IndexKind } from '../../index-declaration.js';
import { badCondition, Condition, MOST_VALUES, type Param } from './condition.js';

/**
 * All words of this text are in the field, in any order: `note: matches('late delivery')`. Without a word it is true of
 * none.
 *
 * @throws {SessionError} `SESSION_STATE` for more than 1,000 words.
 */
export function matches(words: string): Matches {
  return new Matches(words);
}

/** A condition on a field of kind `text`, made by {@link matches}. */
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
