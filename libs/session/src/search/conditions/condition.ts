import type { IndexedValue } from '../../core/session-index.js';
import { SessionError } from '../../session.errors.js';
import type { IndexKind } from '../../index-declaration.js';

/** Gives a value a name that may stand in the text of a query in its place. */
export type Param = (value: string | number) => string;

/** How much one condition may ask for. */
export const MOST_VALUES = 1000;

/**
 * What an index field is to be. Only the functions of this folder make one: an object that came from outside, such
 * as `{ "oneOf": [] }` in a query string, is none and is refused.
 */
export abstract class Condition {
  /** @internal */
  abstract readonly kinds: readonly IndexKind[];
  /** @internal */
  readonly hasPrefix: boolean = false;

  /**
   * The clause for an attribute; `false` where nothing can meet it.
   *
   * @internal
   */
  abstract clause(attribute: string, kind: IndexKind, param: Param): string | false;

  /**
   * The same, said about what is indexed of one session.
   *
   * @internal
   */
  abstract accepts(value: IndexedValue): boolean;
}

export function badCondition(what: string): SessionError {
  return new SessionError('SESSION_STATE', `A filter of SessionSearch is wrong: ${what}.`);
}
