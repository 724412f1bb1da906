/** How every command ends, as `grep` and `diff` do. */
export const EXIT_CODES = {
  /** It was done, or found. */
  done: 0,
  /** The answer is no: nothing was found, it was not confirmed, or there is a problem. */
  no: 1,
  /** It could not be done: wrong usage, or a Redis that does not answer or cannot do it. */
  failed: 2,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

export const EXIT_CODE_MEANINGS: Record<ExitCode, string> = {
  0: 'it was done, or found; nothing is wrong',
  1: 'the answer is no: nothing was found, it was not confirmed, the doctor has found a problem',
  2: 'it could not be done: wrong usage, a Redis that does not answer or refuses, no Search, no index',
};

/** What was typed makes no sense; nothing was sent to Redis. */
export class UsageError extends Error {}
