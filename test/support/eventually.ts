import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits for what nobody announces, such as a key that Redis lets expire. Fails when it takes too long. */
export async function eventually(
  what: string,
  isSo: () => Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`Waited ${withinMs} ms in vain: ${what}.`);
    await wait(POLL_MS);
  }
}
