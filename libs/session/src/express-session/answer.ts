/** As express-session calls back: first what went wrong, or nothing. */
export type Callback<T> = (error: unknown, result?: T) => void;

/**
 * Answers by a callback where there is one, otherwise by a promise. A callback runs outside of the promise: what it throws
 * is an exception as ever, and no rejection that nobody handles.
 */
export function answer<T>(work: Promise<T>, callback: Callback<T> | undefined): Promise<T> | void {
  if (!callback) return work;
  work.then(
    (result) => process.nextTick(callback, null, result),
    (error: unknown) => process.nextTick(callback, error),
  );
}
