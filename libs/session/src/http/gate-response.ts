import { ServerResponse } from 'node:http';
import {
  type Chunk,
  type Originals,
  ResponseGate,
  type Verdict,
  type WriteHeadCall,
} from './response-gate.js';

const GATE = Symbol('gate');
const ORIGINALS = Symbol('originals');

type Gated = ServerResponse & { [GATE]?: ResponseGate; [ORIGINALS]?: Originals };

/**
 * Closes a gate before a response leaves.
 *
 * The response of a bare Node server, as under Fastify, gets the methods itself. Express gives each of its responses
 * another prototype, and whatever is set on one afterwards is slow (measured: 30 to 40 microseconds for these few). There they
 * go into `express.response`, once, which Express offers for this; a response without a gate passes through them.
 */
export function gateResponse(
  response: ServerResponse,
  decide: () => Verdict | Promise<Verdict>,
): void {
  const gated: Gated = response;
  const originals = gated[ORIGINALS] ?? install(sharedPrototypeOf(response) ?? gated);
  gated[GATE] = new ResponseGate(response, originals, decide, letPretend);
}

/** The last prototype before Node's own, which belongs to everybody. A chain that does not lead there, as of HTTP/2, has none. */
function sharedPrototypeOf(response: ServerResponse): Gated | undefined {
  let found: object | undefined;
  let next = Object.getPrototypeOf(response) as object | null;
  while (next !== null && next !== ServerResponse.prototype) {
    found = next;
    next = Object.getPrototypeOf(next) as object | null;
  }
  return next === null ? undefined : (found as Gated | undefined);
}

/** One by one: measured on Fastify, where each response gets them, `Object.assign` takes microseconds more. */
function install(target: Gated): Originals {
  const { writeHead, write, end, flushHeaders } = target;
  const originals = { writeHead, write, end, flushHeaders };
  target[ORIGINALS] = originals;
  target.writeHead = METHODS.writeHead as never;
  target.write = METHODS.write as never;
  target.end = METHODS.end as never;
  target.flushHeaders = METHODS.flushHeaders;
  return originals;
}

/** Only a response that is held back has something to pretend, and most are not. */
function letPretend(response: ServerResponse): void {
  const target = sharedPrototypeOf(response) ?? response;
  if (!Object.hasOwn(target, 'headersSent')) Object.defineProperties(target, ACCESSORS);
}

const METHODS = {
  writeHead(this: Gated, ...call: WriteHeadCall) {
    const gate = this[GATE];
    return gate ? gate.writeHead(...call) : this[ORIGINALS]!.writeHead.apply(this, call as never);
  },
  write(this: Gated, ...chunk: Chunk) {
    const gate = this[GATE];
    return gate ? gate.write(...chunk) : this[ORIGINALS]!.write.apply(this, chunk as never);
  },
  end(this: Gated, ...chunk: Chunk) {
    const gate = this[GATE];
    return gate ? gate.end(...chunk) : this[ORIGINALS]!.end.apply(this, chunk as never);
  },
  flushHeaders(this: Gated) {
    const gate = this[GATE];
    if (gate) gate.flushHeaders();
    else this[ORIGINALS]!.flushHeaders.call(this);
  },
};

const ACCESSORS: PropertyDescriptorMap & ThisType<Gated> = {
  headersSent: {
    configurable: true,
    get() {
      const pretends = this[GATE]?.pretends ?? 'nothing';
      return pretends !== 'nothing' || truth(this, 'headersSent');
    },
  },
  writableEnded: {
    configurable: true,
    get() {
      return this[GATE]?.pretends === 'ended' || truth(this, 'writableEnded');
    },
  },
};

function truth(response: ServerResponse, property: 'headersSent' | 'writableEnded'): unknown {
  const isPlain = response instanceof ServerResponse;
  const prototype: object = isPlain ? ServerResponse.prototype : Object.getPrototypeOf(response);
  return Reflect.get(prototype, property, response);
}
