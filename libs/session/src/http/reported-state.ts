import { ServerResponse } from 'node:http';

/**
 * What stands in Node's `_header` while the head is held back. Should anything send it, past the gate, it is a whole answer.
 */
const STAND_IN =
  'HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

const HEADER = '_header';
type WithHeader = ServerResponse & { [HEADER]: string | null };

/**
 * A response that is held back says of itself what it would say without the gate: an error handler must not write a
 * second answer over the first, and a header that is set too late is an error.
 *
 * `_header` is no public name of Node, but one that Express' ecosystem relies on. Everything that Node refuses after
 * the head depends on it, and setting it costs nothing; a getter of each response would cost microseconds.
 */
export function reportBegun(response: ServerResponse): void {
  if (response instanceof ServerResponse) (response as WithHeader)[HEADER] = STAND_IN;
  else override(response, 'headersSent');
}

export function reportEnded(response: ServerResponse): void {
  override(response, 'writableEnded');
}

/** Lets the response speak for itself again. */
export function reportTruth(response: ServerResponse): void {
  if (!(response instanceof ServerResponse)) Reflect.deleteProperty(response, 'headersSent');
  else if ((response as WithHeader)[HEADER] === STAND_IN) (response as WithHeader)[HEADER] = null;
  if (Object.hasOwn(response, 'writableEnded')) Reflect.deleteProperty(response, 'writableEnded');
}

function override(response: ServerResponse, property: 'headersSent' | 'writableEnded'): void {
  Object.defineProperty(response, property, { configurable: true, value: true });
}
