import {
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
  validateHeaderName,
} from 'node:http';
import { invalidMessageError, invalidStatusError } from './node-errors.js';

export type HeadersOfCall = OutgoingHttpHeaders | OutgoingHttpHeader[];
export type WriteHeadCall = [
  status: number,
  messageOrHeaders?: string | HeadersOfCall,
  headers?: HeadersOfCall,
];

/** Headers in order; one name may come twice. */
export type Headers = Iterable<readonly [name: string, value: string]>;

/** What a response gets from the session. */
export interface AddedHeaders {
  /** `Set-Cookie` and `Vary` are joined with those of the application; others replace them. */
  readonly headers?: Headers;
  /** Only where the application has not set them. */
  readonly defaults?: Headers;
}

/** What is fixed once `writeHead` was called: neither `statusCode` nor `statusMessage` changes it. */
export interface Head {
  readonly status: number;
  readonly message: string | undefined;
}

/** HTTP/2 has no status message, and Node warns of each use of it. */
export const hasStatusMessage = (response: ServerResponse) => response instanceof ServerResponse;

/**
 * Does what `writeHead` does, but for rendering the head.
 *
 * @throws what Node throws for a wrong status, message, name or value.
 */
export function takeHead(response: ServerResponse, call: WriteHeadCall): Head {
  const [given, messageOrHeaders] = call;
  const text = typeof messageOrHeaders === 'string' ? messageOrHeaders : undefined;
  const status = given | 0;
  if (!hasStatusMessage(response)) {
    setHeaders(response, headersOf(call));
    // Node's setter refuses what HTTP/2 does not know.
    response.statusCode = status;
    return { status, message: undefined };
  }
  assertStatus(given);
  const assertGiven = () => assertMessage(text ?? response.statusMessage);
  // Node looks at the message before headers that are the first, and after headers that join others.
  const isFirst = response.getHeaderNames().length === 0;
  if (isFirst) assertGiven();
  setHeaders(response, headersOf(call));
  if (!isFirst) assertGiven();
  response.statusCode = status;
  if (text !== undefined) response.statusMessage = text;
  return { status, message: text ?? (response.statusMessage || undefined) };
}

/** @throws what Node throws when it renders a head that `writeHead` was not called for. */
export function implicitHead(response: ServerResponse): Head {
  const { statusCode: status } = response;
  if (!hasStatusMessage(response)) return { status, message: undefined };
  const { statusMessage: message } = response;
  assertStatus(status);
  assertMessage(message);
  return { status, message };
}

export function headersOf([, messageOrHeaders, headers]: WriteHeadCall): HeadersOfCall | undefined {
  return headers ?? (typeof messageOrHeaders === 'string' ? undefined : messageOrHeaders);
}

/** As Node does: those given replace those set before, and in a list one name may come twice. */
export function setHeaders(response: ServerResponse, headers: HeadersOfCall | undefined): void {
  if (!headers) return;
  const isFirst = response.getHeaderNames().length === 0;
  try {
    if (Array.isArray(headers)) setList(response, pairsOf(headers));
    else setObject(response, headers, isFirst);
  } catch (error) {
    // Where none were set before, Node keeps none of a call that it refuses.
    if (isFirst) for (const name of response.getHeaderNames()) response.removeHeader(name);
    throw error;
  }
}

export function addHeaders(
  response: ServerResponse,
  { headers = [], defaults = [] }: AddedHeaders,
): void {
  for (const [name, value] of defaults) {
    if (!response.hasHeader(name)) response.setHeader(name, value);
  }
  for (const [name, value] of headers) {
    if (name === 'Set-Cookie') addCookie(response, value);
    else if (name === 'Vary') addVary(response, value);
    else response.setHeader(name, value);
  }
}

/** Removes what belongs to an answer that is not given. What belongs to the exchange stays, such as CORS. */
export function removeEntityHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) {
    if (name.startsWith('content-') || ENTITY_HEADERS.has(name)) response.removeHeader(name);
  }
}

const ENTITY_HEADERS = new Set([
  'accept-ranges',
  'cache-control',
  'etag',
  'expires',
  'last-modified',
  'location',
  'set-cookie',
  'trailer',
  'transfer-encoding',
]);

function assertStatus(status: number): void {
  const code = status | 0;
  if (code < 100 || code > 999) throw invalidStatusError(status);
}

function assertMessage(message: string | undefined): void {
  // oxlint-disable-next-line no-control-regex -- What Node refuses in a status message.
  if (message && /[^\t\x20-\x7e\x80-\xff]/.test(message)) throw invalidMessageError();
}

function setObject(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  mayRepeat: boolean,
): void {
  for (const name of Object.keys(headers)) {
    const value = headers[name] as OutgoingHttpHeader;
    // Names that differ in case only.
    if (mayRepeat && response.hasHeader(name)) response.appendHeader(name, textOf(value));
    else response.setHeader(name, value);
  }
}

function setList(response: ServerResponse, pairs: [string, OutgoingHttpHeader][]): void {
  for (const [name] of pairs) {
    validateHeaderName(name);
    response.removeHeader(name);
  }
  for (const [name, value] of pairs) {
    if (response.hasHeader(name)) response.appendHeader(name, textOf(value));
    else response.setHeader(name, value);
  }
}

/** Node takes a list of pairs, or a flat list of names and values. */
function pairsOf(headers: OutgoingHttpHeader[]): [string, OutgoingHttpHeader][] {
  if (Array.isArray(headers[0])) return headers as unknown as [string, OutgoingHttpHeader][];
  const pairs: [string, OutgoingHttpHeader][] = [];
  for (let i = 0; i < headers.length; i += 2) {
    // A name without a value is refused as a header without one.
    pairs.push([headers[i] as string, headers[i + 1] as OutgoingHttpHeader]);
  }
  return pairs;
}

function addCookie(response: ServerResponse, cookie: string): void {
  const present = [response.getHeader('set-cookie') ?? []].flat().map(String);
  if (!present.includes(cookie)) response.setHeader('Set-Cookie', [...present, cookie]);
}

function addVary(response: ServerResponse, value: string): void {
  const given = response.getHeader('vary');
  if (given === undefined) return void response.setHeader('Vary', value);
  const present = [given].flat().join(', ');
  const names = present.split(',').map((name) => name.trim().toLowerCase());
  const missing = value.split(', ').filter((name) => !names.includes(name.toLowerCase()));
  if (names.includes('*') || missing.length === 0) return;
  response.setHeader('Vary', [present, ...missing].filter(Boolean).join(', '));
}

function textOf(value: OutgoingHttpHeader): string | string[] {
  return Array.isArray(value) || value === undefined ? value : String(value);
}
