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

const doubts = new WeakMap<RedisClient, Set<Promise<void>>>();

/**
 * An answer looked like none to what was asked. It may have been one: something else may have written what was read.
 *
 * @param isExplained whether Redis, asked again, says the same. If not, the answer was a surprise.
 */
export function noteDoubt(client: RedisClient, isExplained: Promise<boolean>): void {
  const open = doubts.get(client) ?? new Set();
  doubts.set(client, open);
  const doubt = isExplained
    .catch(() => false)
    .then((isSo) => {
      if (!isSo) noteSurprise(client);
      open.delete(doubt);
    });
  open.add(doubt);
}

/** Once it is known of each doubtful answer whether it was a surprise. */
export async function whenUndoubted(client: RedisClient): Promise<void> {
  await Promise.all(doubts.get(client) ?? []);
}
