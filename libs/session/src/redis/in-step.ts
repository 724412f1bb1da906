import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { RedisClient } from '../redis-client.js';

/** Whether a question that nobody else can have asked gets its own answer, within a time limit. */
export async function isInStep(client: RedisClient, timeoutMs: number): Promise<boolean> {
  const question = randomUUID();
  const timer = new AbortController();
  const late = wait(timeoutMs, undefined, { signal: timer.signal, ref: false });
  try {
    return (await Promise.race([client.call('ECHO', question), late])) === question;
  } finally {
    timer.abort();
  }
}

const surprises = new WeakMap<RedisClient, number>();

/** An answer came to this client that was none to what was asked. */
export function noteSurprise(client: RedisClient): void {
  surprises.set(client, surprisesOf(client) + 1);
}

/** How often that has happened. */
export function surprisesOf(client: RedisClient): number {
  return surprises.get(client) ?? 0;
}
