import { encodeTag, encodeTagStart } from '../../core/index-text.js';
import type { IndexedValue } from '../../core/session-index.js';
import type { IndexKind } from '../../index-declaration.js';
import { badCondition, Condition, type Param } from './condition.js';

const SHORTEST_START = 2;
const LONGEST_START = 256;

/**
 * A tag that begins so: `ip: startsWith('10.0.')`. Of 2 to 256 characters. Search looks at a limited number of
 * different tags (its setting `MAXEXPANSIONS`, 200 by default); where more begin so, the answer is an error.
 *
 * @throws {SessionError} `SESSION_STATE` for a shorter or longer text.
 */
export function startsWith(start: string): StartsWith {
  return new StartsWith(start);
}

/** A condition on a field of kind `tag` or `tags`, made by {@link startsWith}. */
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
