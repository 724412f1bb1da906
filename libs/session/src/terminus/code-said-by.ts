/**
 * The code in what Redis or the network said, such as `MISCONF` or `ECONNREFUSED`, and nothing else of it: a health
 * check may be seen by anybody, and messages name hosts, folders and users.
 */
export function codeSaidBy(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const said = cause instanceof Error ? cause.message : '';
  // An old Redis puts ERR and the name of a script before the code of what stopped it.
  return /\b(?!ERR\b)[A-Z]{3,}\b/.exec(said)?.[0] ?? 'Redis does not answer';
}
