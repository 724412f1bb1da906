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

/** The methods by which a response leaves, as they are without the gate. */
export type Originals = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>;

type HeadersOfCall = OutgoingHttpHeaders | OutgoingHttpHeader[];
export type WriteHeadCall = [
  status: number,
  messageOrHeaders?: string | HeadersOfCall,
  headers?: HeadersOfCall,
];
export type Chunk = [chunk?: unknown, encoding?: unknown, callback?: unknown];

/**
 * Holds a response back until `decide` has answered. It works on Node's own response, below Express and Fastify, so
 * it also sees what interceptors do not: errors thrown by guards, 404s, redirects, streams and server-sent events.
 *
 * `writeHead` alone sends nothing, so the question is asked at the first `write`, `end` or `flushHeaders`. If the
 * answer comes at once, so does the byte. Meanwhile the response says that it has begun, as the program that wrote
 * it expects: an error handler must not write a second answer over the first.
 */
export class ResponseGate {
  /** What the response says of itself while it is held back. */
  pretends: 'nothing' | 'begun' | 'ended' = 'nothing';
  #state: 'closed' | 'deciding' | 'open' | 'replaced' = 'closed';
  #head: Head | undefined;
  #held: (() => void)[] = [];

  constructor(
    private readonly response: ServerResponse,
    private readonly originals: Originals,
    private readonly decide: () => Verdict | Promise<Verdict>,
    private readonly letPretend: (response: ServerResponse) => void,
  ) {}

  writeHead(...call: WriteHeadCall): ServerResponse {
    if (this.#state === 'open') return this.#writeHead(...call);
    if (this.#state === 'closed') {
      const [status, messageOrHeaders, headers] = call;
      const hasMessage = typeof messageOrHeaders === 'string';
      this.#head = {
        status,
        message: hasMessage ? messageOrHeaders : this.response.statusMessage,
        headers: (hasMessage ? headers : messageOrHeaders) ?? [],
      };
    }
    return this.response;
  }

  write(...chunk: Chunk): boolean {
    if (this.#state === 'closed') this.#ask();
    if (this.#state === 'open') return this.#write(...chunk);
    if (this.#state === 'replaced') return true;
    this.#held.push(() => this.#write(...chunk));
    return false;
  }

  end(...chunk: Chunk): ServerResponse {
    if (this.#state === 'closed') this.#ask();
    if (this.#state === 'open') return this.#end(...chunk);
    if (this.#state === 'replaced') return this.response;
    this.#held.push(() => this.#end(...chunk));
    this.pretends = 'ended';
    return this.response;
  }

  flushHeaders(): void {
    if (this.#state === 'closed') this.#ask();
    if (this.#state === 'open') this.originals.flushHeaders.call(this.response);
    else if (this.#state === 'deciding') {
      this.#held.push(() => this.originals.flushHeaders.call(this.response));
    }
  }

  #ask(): void {
    const { statusCode: status, statusMessage: message } = this.response;
    this.#head ??= { status, message, headers: [] };
    const verdict = this.decide();
    if (!(verdict instanceof Promise)) return this.#open(verdict);
    this.#state = 'deciding';
    this.pretends = 'begun';
    this.letPretend(this.response);
    void verdict.then((late) => {
      this.pretends = 'nothing';
      this.#open(late);
      const calls = this.#held;
      this.#held = [];
      for (const call of calls) call();
      // Whoever was told to wait while the bytes were held may go on.
      this.response.emit('drain');
    });
  }

  #open(verdict: Verdict): void {
    const { response } = this;
    if (verdict.kind === 'pass') {
      this.#state = 'open';
      applyHead(response, this.#head!, verdict.headers);
      return;
    }
    this.#state = 'replaced';
    this.#held = [];
    for (const name of response.getHeaderNames()) {
      if (describesTheBody(name)) response.removeHeader(name);
    }
    for (const [name, value] of verdict.headers) {
      if (name === 'Set-Cookie') response.appendHeader(name, value);
      else response.setHeader(name, value);
    }
    this.#writeHead(verdict.status);
    this.#end(response.req.method === 'HEAD' ? undefined : verdict.body);
  }

  #writeHead(...call: WriteHeadCall): ServerResponse {
    return (this.originals.writeHead as (...call: WriteHeadCall) => ServerResponse).apply(
      this.response,
      call,
    );
  }

  #write(...chunk: Chunk): boolean {
    return (this.originals.write as (...chunk: Chunk) => boolean).apply(this.response, chunk);
  }

  #end(...chunk: Chunk): ServerResponse {
    return (this.originals.end as (...chunk: Chunk) => ServerResponse).apply(this.response, chunk);
  }
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
