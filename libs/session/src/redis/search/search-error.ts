import { SessionError } from '../../session.errors.js';
import { saidBy } from '../store-error.js';

/** An answer that is not whole: it would be wrong to give it as one. */
export function cutShort(limitMs: number): SessionError {
  return searchError(
    `Redis Search stopped at its time limit of ${limitMs} ms (four fifths of searchTimeoutMs), so its answer is not whole. Narrow the filter, or raise searchTimeoutMs.`,
  );
}

export function warned(warnings: readonly string[]): SessionError {
  return searchError(
    `Redis Search warned that its answer is not whole: ${warnings.join(', ')}. Narrow the filter.`,
  );
}

export function tooManyBeginnings(): SessionError {
  return searchError(
    'More tags begin like this than Redis Search looks at (its setting MAXEXPANSIONS, 200 by default), so its answer is not whole. Give more of the beginning, or have the setting raised.',
  );
}

export function searchError(message: string, cause?: Error): SessionError {
  return new SessionError('SESSION_SEARCH', message, { cause });
}

/**
 * What Redis said about a search, as an error that says what to do.
 *
 * @param limitMs how long Search was given.
 */
export function searchErrorOf(error: unknown, limitMs: number): unknown {
  const said = saidBy(error);
  const { cause } = error as { cause?: unknown };
  if (/^unknown command|^ERR unknown command/i.test(said)) return noSearch();
  if (/no such index|unknown index name/i.test(said)) {
    return searchError(
      'The index is not there. It is made at the start of an application whose option prepareIndexAtStart is not false, or by SessionSearch.prepare(); somebody may have removed it.',
      cause as Error,
    );
  }
  if (/timeout limit was reached/i.test(said)) return cutShort(limitMs);
  if (/cursor not found/i.test(said)) {
    return searchError(
      'Redis Search has forgotten where it was in the middle of an answer: it was restarted, or nobody asked on for a minute. Begin again.',
    );
  }
  if (/too many cursors/i.test(said)) {
    return searchError(
      'Redis Search has too many answers open that nobody has read to their end. They are forgotten within a minute; end a stream() that you do not need.',
      cause as Error,
    );
  }
  if (/cannot create index on db != 0/i.test(said)) return wrongDatabase();
  return error;
}

export function noSearch(): SessionError {
  return searchError(
    'This Redis has no Search. Use Redis 8 or Redis Stack, or load the module redisearch (2.4 or later). Sessions work without it; only SessionSearch does not.',
  );
}

export function wrongDatabase(): SessionError {
  return searchError(
    'Redis Search answers for database 0 only, and the client uses another one. Let the sessions live in database 0, with a keyPrefix of this library where several applications share it.',
  );
}
