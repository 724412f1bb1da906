import type { ServerResponse } from 'node:http';
import type { Callback } from './calls.js';
import { destroyedError, writeAfterEndError } from './node-errors.js';

/**
 * What Node does, but for one thing: an `error` event that nothing listens to would end the process, of which this
 * response is the smallest part.
 */
export function writeAfterEnd(response: ServerResponse, callback: Callback | undefined): false {
  const error = writeAfterEndError();
  process.nextTick(() => {
    callback?.(error);
    if (!response.destroyed && response.listenerCount('error') > 0) response.emit('error', error);
  });
  return false;
}

export function destroyWith(response: ServerResponse, callbacks: readonly Callback[]): void {
  response.destroy();
  for (const callback of callbacks) process.nextTick(callback, destroyedError());
}
