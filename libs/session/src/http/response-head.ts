import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What was given to `writeHead`, or would have been. */
export interface Head {
  readonly status: number;
  readonly message: string | undefined;
  readonly headers: OutgoingHttpHeaders | OutgoingHttpHeader[];
}

/** Headers of ours, in order; one name may come twice. */
export type Headers = Iterable<readonly [name: string, value: string]>;

/**
 * Puts a held head on the response, together with headers of ours. Headers given to `writeHead` replace those set
 * before, as in Node; `Set-Cookie` and `Vary` are joined, because several parties add to them.
 */
export function applyHead(
  response: ServerResponse,
  { status, message, headers }: Head,
  ours: Headers = [],
): void {
  const given = pairsOf(headers);
  const seen = new Set<string>();
  for (const [name, value] of given) {
    const key = name.toLowerCase();
    if (key === 'set-cookie') addCookies(response, value);
    else if (seen.has(key)) response.appendHeader(name, textOf(value));
    else response.setHeader(name, value);
    seen.add(key);
  }
  for (const [name, value] of ours) {
    if (name === 'Set-Cookie') addCookies(response, value);
    else if (name === 'Vary') addVary(response, value);
    else response.setHeader(name, value);
  }
  response.statusCode = status;
  // Node fills in the usual phrase for the status when there is none.
  if (message) response.statusMessage = message;
}

function addCookies(response: ServerResponse, value: OutgoingHttpHeader): void {
  const present = [response.getHeader('set-cookie') ?? []].flat().map(String);
  const added = [value]
    .flat()
    .map(String)
    .filter((cookie) => !present.includes(cookie));
  response.setHeader('Set-Cookie', [...present, ...added]);
}

function addVary(response: ServerResponse, value: string): void {
  const given = response.getHeader('vary');
  if (given === undefined) return void response.setHeader('Vary', value);
  const present = [given].flat().join(', ');
  const names = present.split(',').map((name) => name.trim().toLowerCase());
  if (names.includes('*') || names.includes(value.toLowerCase())) return;
  response.setHeader('Vary', present ? `${present}, ${value}` : value);
}

/** Node takes an object, a list of pairs, or a flat list of names and values. */
function pairsOf(
  headers: OutgoingHttpHeaders | OutgoingHttpHeader[],
): [name: string, value: OutgoingHttpHeader][] {
  if (!Array.isArray(headers)) {
    return Object.entries(headers).filter(
      (pair): pair is [string, OutgoingHttpHeader] => pair[1] !== undefined,
    );
  }
  if (Array.isArray(headers[0])) return headers as unknown as [string, OutgoingHttpHeader][];
  const pairs: [string, OutgoingHttpHeader][] = [];
  for (let i = 0; i < headers.length; i += 2) {
    pairs.push([String(headers[i]), headers[i + 1] as OutgoingHttpHeader]);
  }
  return pairs;
}

function textOf(value: OutgoingHttpHeader): string | string[] {
  return Array.isArray(value) ? value : String(value);
}
