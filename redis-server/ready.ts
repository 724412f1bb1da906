import { Redis } from 'ioredis';

// A file of a few GB takes this long to load; a process that ends is noticed at once, not after it.
const patienceMs = 120_000;

/** In ms; ioredis waits as long (by default 2 s) before it lets go of a connection that was refused. */
export const disconnectTimeout = 50;

/**
 * Resolves when the server at the URL answers PING, its data loaded; rejects when `ended` does.
 * @param processId the server's own: another one may sit on the port, and ours will have failed to bind
 */
export async function untilReady(
  url: string,
  ended: Promise<never>,
  processId?: number,
): Promise<void> {
  const client = new Redis(url, {
    retryStrategy: () => 10,
    maxRetriesPerRequest: null,
    disconnectTimeout,
  });
  let lastError = 'it did not answer';
  client.on('error', (error: Error) => (lastError = error.message));
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not ready after ${patienceMs / 1000} s: ${lastError}`)),
      patienceMs,
    );
  });
  const isOurs = async (): Promise<void> => {
    await client.ping();
    const info = processId === undefined ? '' : await client.info('server');
    const answered = /^process_id:(\d+)/m.exec(info)?.[1];
    if (processId !== undefined && Number(answered) !== processId) await ended;
  };
  try {
    await Promise.race([isOurs(), ended, tooLong]);
  } finally {
    clearTimeout(timer);
    client.disconnect();
  }
}
