import type { ServerResponse } from 'node:http';
import {
  type ChunkCall,
  chunkOf,
  type HeldCall,
  type Originals,
  send,
  takeCallbacks,
} from './calls.js';
import { assertChunk, headersSentError } from './node-errors.js';
import type { GateKeeper, Verdict } from './gate-keeper.js';
import { ReplacedResponse, type Replacement } from './replaced-response.js';
import { reportBegun, reportEnded, reportTruth } from './reported-state.js';
import {
  type AddedHeaders,
  type Head,
  hasStatusMessage,
  implicitHead,
  takeHead,
  type WriteHeadCall,
} from './response-head.js';
import { sendHead } from './send-head.js';
import { destroyWith, writeAfterEnd } from './write-after-end.js';

/**
 * Holds a response back until its keeper has decided. It takes the place of four methods of the response itself, below
 * Express and Fastify, so it also sees what interceptors do not: errors thrown by guards, 404s, redirects, streams.
 * Whatever else wraps them, before or after, is called as it would be without the gate.
 *
 * `writeHead` alone sends nothing, so the keeper is asked at the first `write`, `end` or `flushHeaders`. If the answer is
 * known already, the byte leaves immediately. Meanwhile the response says that it has begun, and what Node would
 * throw is thrown: after that, nothing is left that could fail but what Node itself finds out late.
 */
export class ResponseGate {
  readonly #originals: Originals;
  #state: 'closed' | 'deciding' | 'open' = 'closed';
  #head: Head | undefined;
  #isImplicit = false;
  #added: AddedHeaders = {};
  #held: HeldCall[] = [];
  #hasEnded = false;
  #replaced: ReplacedResponse | undefined;

  /** Takes the place of the methods of a response. */
  static close(response: ServerResponse, keeper: GateKeeper): ResponseGate {
    return new ResponseGate(response, keeper);
  }

  private constructor(
    private readonly response: ServerResponse,
    private readonly keeper: GateKeeper,
  ) {
    const { writeHead, write, end, flushHeaders } = response as unknown as Originals;
    this.#originals = { writeHead, write, end, flushHeaders };
    // One by one: `Object.assign` takes microseconds more.
    response.writeHead = ((...call: WriteHeadCall) => this.#writeHead(call)) as never;
    response.write = ((...call: unknown[]) => this.#write(chunkOf(call))) as never;
    response.end = ((...call: unknown[]) => this.#end(chunkOf(call))) as never;
    response.flushHeaders = () => this.#flushHeaders();
  }

  #writeHead(call: WriteHeadCall): ServerResponse {
    const { response } = this;
    if (this.#state === 'open') return this.#sendHead(call);
    if (this.#head || this.#replaced || response.headersSent) throw headersSentError('write');
    this.#head = takeHead(response, call);
    reportBegun(response);
    return response;
  }

  #write(call: ChunkCall): boolean {
    const { response } = this;
    if (this.#state !== 'open') assertChunk(call);
    if (this.#state === 'closed') this.#ask();
    if (this.#replaced) return this.#replaced.write(call.callback);
    if (this.#hasEnded || response.writableEnded) return writeAfterEnd(response, call.callback);
    if (this.#state === 'open') return send(this.#originals.write, response, call);
    this.#held.push({ method: 'write', call });
    return false;
  }

  #end(call: ChunkCall): ServerResponse {
    const { response } = this;
    const { callback } = call;
    // Like Node, which takes any falsy chunk for none.
    if (call.chunk && this.#state !== 'open' && !this.#hasEnded) assertChunk(call);
    if (this.#state === 'closed') this.#ask();
    if (this.#replaced) this.#replaced.end(callback);
    else if (call.chunk && (this.#hasEnded || response.writableEnded)) {
      writeAfterEnd(response, callback);
    } else if (this.#state === 'open') send(this.#originals.end, response, call);
    else if (this.#hasEnded) {
      if (callback) response.once('finish', callback);
    } else {
      this.#held.push({ method: 'end', call });
      this.#hasEnded = true;
      reportEnded(response);
    }
    return response;
  }

  #flushHeaders(): void {
    if (this.#state === 'closed') this.#ask();
    if (this.#replaced) return;
    if (this.#state === 'open') this.#originals.flushHeaders.call(this.response);
    else this.#held.push({ method: 'flushHeaders', call: chunkOf([]) });
  }

  #ask(): void {
    const { response } = this;
    if (!this.#head && response.headersSent) {
      // Something has sent the head past the gate. If the session was changed, its request reports it.
      this.#state = 'open';
      return;
    }
    this.#isImplicit = !this.#head;
    const head = this.#head ?? implicitHead(response);
    const verdict = this.keeper.decide();
    if (!(verdict instanceof Promise)) return this.#carryOut(verdict);
    this.#head = head;
    this.#state = 'deciding';
    reportBegun(response);
    void verdict.then(
      (late) => this.#release(late),
      (error: unknown) => this.#fail(error),
    );
  }

  #release(verdict: Verdict): void {
    const { response } = this;
    try {
      this.#carryOut(verdict);
      if (this.#replaced) return;
      this.#hasEnded = false;
      let mayGoOn = true;
      for (let held = this.#held[0]; held; held = this.#held[0]) {
        mayGoOn = send<unknown>(this.#originals[held.method], response, held.call) === true;
        this.#held.shift();
      }
      // Who was told to wait goes on; where Node wants more time, it says so itself.
      if (mayGoOn) response.emit('drain');
    } catch (error) {
      this.#fail(error);
    }
  }

  #carryOut(verdict: Verdict): void {
    const { response } = this;
    reportTruth(response);
    if (verdict.kind === 'replace') return this.#replace(verdict);
    this.#state = 'open';
    this.#added = verdict;
    const head = this.#head;
    if (!head) return;
    response.statusCode = head.status;
    if (hasStatusMessage(response)) response.statusMessage = head.message ?? '';
    // A head that nobody gave is rendered by Node, which knows then how long the body is.
    if (this.#isImplicit) return;
    this.#sendHead(head.message === undefined ? [head.status] : [head.status, head.message]);
  }

  /** Called with each head that goes to Node, also by Node itself. The last moment to add something. */
  #sendHead(call: WriteHeadCall): ServerResponse {
    return sendHead(this.response, this.#originals, call, this.#added);
  }

  #replace(verdict: Replacement): void {
    this.#state = 'open';
    this.#replaced = new ReplacedResponse(
      this.response,
      this.#originals,
      takeCallbacks(this.#held),
    );
    this.#replaced.send(verdict);
  }

  /** No handler can catch it anymore: another answer is sent, or the connection ends. */
  #fail(error: unknown): void {
    const { response } = this;
    try {
      reportTruth(response);
      const instead = this.keeper.failed(error, this.#added);
      if (!response.headersSent && !this.#replaced) return this.#replace(instead);
    } catch {
      // Whatever it is, the connection ends.
    }
    destroyWith(response, takeCallbacks(this.#held));
  }
}
