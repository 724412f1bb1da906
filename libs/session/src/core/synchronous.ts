import { SessionError } from '../session.errors.js';
import type { NoPromise } from '../session.options.js';

/**
 * What a function may return that must be synchronous: anything but a promise. `void` alone would let asynchronous functions pass
 * the compiler.
 */
export type Synchronous =
  void | undefined | null | string | number | boolean | bigint | symbol | (object & NoPromise);

/**
 * Refuses the promise of a function that must be synchronous: what it does after its first `await` would come too late.
 *
 * @param what names the function, for the error.
 * @throws {SessionError} `SESSION_STATE`
 */
export function assertSynchronous(result: unknown, what: string): void {
  if (!isPromise(result)) return;
  // That it fails later is of no interest any more, and would end the process as an unhandled rejection.
  Promise.resolve(result).catch(() => undefined);
  throw new SessionError(
    'SESSION_STATE',
    `${what} returned a promise, and must be synchronous: it may run again, and what it does after an await comes too late. Nothing was changed. Await what it needs before, and pass a function without async.`,
  );
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  const isObject = (typeof result === 'object' && result !== null) || typeof result === 'function';
  return isObject && typeof (result as PromiseLike<unknown>).then === 'function';
}
