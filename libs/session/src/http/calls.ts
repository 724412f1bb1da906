import type { ServerResponse } from 'node:http';
import type { WriteHeadCall } from './response-head.js';

export type Callback = (error?: Error | null) => void;

/** A call of `write` or `end`. */
export interface ChunkCall {
  readonly args: readonly unknown[];
  readonly chunk?: unknown;
  readonly encoding?: unknown;
  readonly callback?: Callback | undefined;
}

export interface HeldCall {
  readonly method: 'write' | 'end' | 'flushHeaders';
  readonly call: ChunkCall;
}

/** The methods by which a response leaves, as they were before the gate. */
export interface Originals {
  writeHead(...call: WriteHeadCall): ServerResponse;
  write(...args: readonly unknown[]): boolean;
  end(...args: readonly unknown[]): ServerResponse;
  flushHeaders(): void;
}

export function chunkOf(args: readonly unknown[]): ChunkCall {
  const [chunk, encoding, callback] = args;
  if (typeof chunk === 'function') return { args, callback: chunk as Callback };
  if (typeof encoding === 'function') return { args, chunk, callback: encoding as Callback };
  if (typeof callback === 'function')
    return { args, chunk, encoding, callback: callback as Callback };
  return { args, chunk, encoding };
}

export function send<T>(
  method: (...args: readonly unknown[]) => T,
  response: ServerResponse,
  { args }: ChunkCall,
): T {
  return method.apply(response, args as unknown[]);
}

/** Empties a list of held calls. */
export function takeCallbacks(held: HeldCall[]): Callback[] {
  return held.splice(0).flatMap(({ call }) => call.callback ?? []);
}
