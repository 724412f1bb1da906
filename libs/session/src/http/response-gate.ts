import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { applyHead, type Head, type Headers } from './response-head.js';

/** What is to happen to a response before its first byte: headers to add, or another answer in its place. */
export type Verdict =
  | { readonly kind: 'pass'; readonly headers?: Headers }
  | {
      readonly kind: 'replace';
      readonly status: number;
      readonly headers: Headers;
      readonly body: string;
    };

type WriteHead = (
  status: number,
  messageOrHeaders?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
  headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
) => ServerResponse;
type Chunk = [chunk?: unknown, encoding?: unknown, callback?: unknown];

/**
 * Holds a response back until `decide` has answered. It works on Node's own response, below Express and Fastify, so
 * it also sees what interceptors do not: errors thrown by guards, 404s, redirects, streams and server-sent events.
 *
 * `writeHead` alone sends nothing, so the question is asked at the first `write`, `end` or `flushHeaders`. If the
 * answer comes at once, so does the byte. Meanwhile the response says that it has begun, as the program that wrote
 * it expects: an error handler must not write a second answer over the first.
 */
export function gateResponse(
  response: ServerResponse,
  decide: () => Verdict | Promise<Verdict>,
): void {
  const writeHead = response.writeHead.bind(response) as WriteHead;
  const write = response.write.bind(response) as (...chunk: Chunk) => boolean;
  const end = response.end.bind(response) as (...chunk: Chunk) => ServerResponse;
  const flushHeaders = response.flushHeaders.bind(response);

  let state: 'closed' | 'deciding' | 'open' | 'replaced' = 'closed';
  let head: Head | undefined;
  let held: (() => void)[] = [];

  const ask = (): void => {
    head ??= { status: response.statusCode, message: response.statusMessage, headers: [] };
    const verdict = decide();
    if (!(verdict instanceof Promise)) return open(verdict);
    state = 'deciding';
    pretend(response, 'headersSent');
    void verdict.then((late) => {
      stopPretending(response);
      open(late);
      const calls = held;
      held = [];
      for (const call of calls) call();
      // Whoever was told to wait while the bytes were held may go on.
      response.emit('drain');
    });
  };

  const open = (verdict: Verdict): void => {
    if (verdict.kind === 'pass') {
      state = 'open';
      applyHead(response, head!, verdict.headers);
      return;
    }
    state = 'replaced';
    held = [];
    for (const name of response.getHeaderNames()) {
      if (describesTheBody(name)) response.removeHeader(name);
    }
    for (const [name, value] of verdict.headers) {
      if (name === 'Set-Cookie') response.appendHeader(name, value);
      else response.setHeader(name, value);
    }
    writeHead(verdict.status);
    end(response.req.method === 'HEAD' ? undefined : verdict.body);
  };

  response.writeHead = ((status, messageOrHeaders, headers) => {
    if (state === 'open') return writeHead(status, messageOrHeaders, headers);
    if (state === 'closed') {
      const hasMessage = typeof messageOrHeaders === 'string';
      head = {
        status,
        message: hasMessage ? messageOrHeaders : response.statusMessage,
        headers: (hasMessage ? headers : messageOrHeaders) ?? [],
      };
    }
    return response;
  }) as typeof response.writeHead;

  response.write = ((...chunk: Chunk) => {
    if (state === 'closed') ask();
    if (state === 'open') return write(...chunk);
    if (state === 'replaced') return true;
    held.push(() => write(...chunk));
    return false;
  }) as typeof response.write;

  response.end = ((...chunk: Chunk) => {
    if (state === 'closed') ask();
    if (state === 'open') return end(...chunk);
    if (state === 'replaced') return response;
    held.push(() => end(...chunk));
    pretend(response, 'writableEnded');
    return response;
  }) as typeof response.end;

  response.flushHeaders = () => {
    if (state === 'closed') ask();
    if (state === 'open') flushHeaders();
    else if (state === 'deciding') held.push(flushHeaders);
  };
}

function pretend(response: ServerResponse, property: 'headersSent' | 'writableEnded'): void {
  Object.defineProperty(response, property, { value: true, configurable: true });
}

function stopPretending(response: ServerResponse): void {
  delete (response as { headersSent?: boolean }).headersSent;
  delete (response as { writableEnded?: boolean }).writableEnded;
}

/** What belongs to the answer that is not given. What belongs to the exchange stays, such as CORS. */
function describesTheBody(name: string): boolean {
  return (
    name.startsWith('content-') ||
    ['etag', 'last-modified', 'location', 'set-cookie', 'transfer-encoding', 'trailer'].includes(
      name,
    ) ||
    ['accept-ranges', 'expires', 'cache-control'].includes(name)
  );
}
