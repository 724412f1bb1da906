import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { SessionError } from '../session.errors.js';

/** What an error of the client says about the command that Redis refused. */
interface Refused extends Error {
  readonly command?: { readonly name?: string };
}

/** Whether Redis refused `SELECT`: there is no such database, or the user may not use it. */
export function isWrongDatabase(error: Error): boolean {
  return (error as Refused).command?.name?.toLowerCase() === 'select';
}

/** ioredis goes on in database 0 where Redis refuses `SELECT`. Sessions would be in the wrong place, so the connection is left. */
export function leaveWrongDatabase(client: Redis | Cluster): void {
  client.on('error', (error: Error) => {
    if (!isWrongDatabase(error)) return;
    client.disconnect(true);
    // What has arrived already would make it ready all the same.
    if ('stream' in client) client.stream?.destroy();
  });
}

/**
 * Connects once, where another database than 0 is asked for, and leaves again. A Redis that is away is no error here.
 *
 * @param probe a client that is not connected, tries once, and is used for nothing else.
 * @throws {SessionError} `SESSION_CONFIG` when Redis refuses the database.
 */
export async function assertDatabase(probe: Redis, timeoutMs: number): Promise<void> {
  const { db } = probe.options;
  if (!db) return probe.disconnect();
  let refusal: string | undefined;
  probe.on('error', (error: Error) => {
    if (isWrongDatabase(error)) refusal = error.message.slice(0, 200);
  });
  const connected = probe.connect().catch(() => undefined);
  await Promise.race([connected, wait(timeoutMs, undefined, { ref: false })]);
  probe.disconnect();
  if (refusal === undefined) return;
  throw new SessionError(
    'SESSION_CONFIG',
    `SessionModule: Redis refuses database ${db}, which the option redis asks for: ${refusal}. Use one that is there (CONFIG GET databases) and that the user may SELECT.`,
  );
}
