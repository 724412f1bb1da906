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
