import type { ServerResponse } from 'node:http';
import type { Callback, Originals } from './calls.js';
import { destroyedError } from './node-errors.js';
import { type Headers, hasStatusMessage, removeEntityHeaders } from './response-head.js';

export interface Replacement {
  readonly kind: 'replace';
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends another answer than the one that was held back, and lets what writes the first one come to its end. */
export class ReplacedResponse {
  #isOver = false;
  #isDrainDue = false;

  /** @param callbacks of what was written before: as far as its writer knows, it has left. */
  constructor(
    private readonly response: ServerResponse,
    private readonly originals: Originals,
    private callbacks: Callback[],
  ) {}

  send({ status, headers, body }: Replacement): void {
    const { response } = this;
    removeEntityHeaders(response);
    for (const [name, value] of headers) {
      if (name === 'Set-Cookie') response.appendHeader(name, value);
      else response.setHeader(name, value);
    }
    response.setHeader('Content-Length', Buffer.byteLength(body));
    if (hasStatusMessage(response)) response.statusMessage = '';
    response.once('finish', () => this.#finish());
    response.once('close', () => this.#finish(destroyedError()));
    this.originals.writeHead.call(response, status);
    this.originals.end.call(response, body);
    if (isDestroyed(response)) this.#finish(destroyedError());
    else this.#emitDrain();
  }

  /** Like a write to a response whose client has gone, but that `drain` comes: a writer that waits for it goes on. */
  write(callback: Callback | undefined): false {
    if (callback) process.nextTick(callback, destroyedError());
    this.#emitDrain();
    return false;
  }

  end(callback: Callback | undefined): void {
    if (!callback) return;
    if (this.#isOver) process.nextTick(callback);
    else this.callbacks.push(callback);
  }

  #finish(error?: Error): void {
    this.#isOver = true;
    const { callbacks } = this;
    this.callbacks = [];
    // Each in a turn of its own: one that throws must not keep the others from being called.
    for (const callback of callbacks) process.nextTick(callback, error);
  }

  #emitDrain(): void {
    if (this.#isDrainDue) return;
    this.#isDrainDue = true;
    setImmediate(() => {
      this.#isDrainDue = false;
      this.response.emit('drain');
    });
  }
}

function isDestroyed(response: ServerResponse & { stream?: { destroyed: boolean } }): boolean {
  return response.stream?.destroyed ?? response.destroyed;
}
