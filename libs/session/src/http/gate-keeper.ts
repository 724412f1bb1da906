import type { Replacement } from './replaced-response.js';
import type { AddedHeaders } from './response-head.js';

/** What is to happen to a response before its first byte: headers to add, or another answer in its place. */
export type Verdict = ({ readonly kind: 'pass' } & AddedHeaders) | Replacement;

export interface GateKeeper {
  /** Asked once, before the first byte. */
  decide(): Verdict | Promise<Verdict>;
  /**
   * A response that was held back cannot be sent.
   *
   * @param added what it would have got from the session.
   * @returns what is sent in its place, if no byte has left.
   */
  failed(error: unknown, added: AddedHeaders): Replacement;
}
