import type { ServerResponse } from 'node:http';
import type { Originals } from './calls.js';
import {
  type AddedHeaders,
  addHeaders,
  headersOf,
  setHeaders,
  type WriteHeadCall,
} from './response-head.js';

/** Gives a head to Node, with what the session adds to it. */
export function sendHead(
  response: ServerResponse,
  { writeHead }: Originals,
  call: WriteHeadCall,
  added: AddedHeaders,
): ServerResponse {
  const addsNothing = !added.headers && !added.defaults;
  if (addsNothing || response.headersSent) return writeHead.apply(response, call);
  setHeaders(response, headersOf(call));
  addHeaders(response, added);
  const [status, message] = call;
  if (typeof message !== 'string') return writeHead.call(response, status);
  return writeHead.call(response, status, message);
}
