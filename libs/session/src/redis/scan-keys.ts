import type { RedisClient } from '../redis-client.js';
import type { RedisConnection } from './redis-connection.js';

const KEYS_AT_ONCE = 500;

/** The servers that hold keys: one, or the primaries of a Cluster. */
export function serversOf(connection: RedisConnection): Promise<readonly RedisClient[]> {
  return connection.send(async (client) => client.nodes?.('master') ?? [client]);
}

/**
 * The keys of these servers, in steps that hold nobody up. What is there from the first step to the last comes, and may
 * come twice.
 *
 * @param start what a key must begin with. Default: all keys come.
 */
export async function* scanKeys(
  connection: RedisConnection,
  servers: readonly RedisClient[],
  start = '',
): AsyncGenerator<string[]> {
  const match = start === '' ? [] : ['MATCH', `${start.replace(/[\\*?[\]^]/g, '\\$&')}*`];
  for (const server of servers) {
    let cursor = '0';
    do {
      const scan = () =>
        server.call('SCAN', cursor, ...match, 'COUNT', KEYS_AT_ONCE) as Promise<[string, string[]]>;
      const [next, keys] = await connection.send(scan);
      cursor = String(next);
      yield keys;
    } while (cursor !== '0');
  }
}
