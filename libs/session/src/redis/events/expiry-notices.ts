import { Logger } from '@nestjs/common';
import type { RedisClient } from '../../redis-client.js';
import type { RedisConnection } from '../redis-connection.js';
import { saidBy } from '../store-error.js';

const logger = new Logger('SessionEvents');

/** Looks whether Redis tells of keys that expire, and says in the log where it does not. 1 command for each primary. */
export async function checkExpiryNotices(connection: RedisConnection): Promise<void> {
  try {
    const servers = await connection.send(async (client) => client.nodes?.('master') ?? [client]);
    const settings = await Promise.all(servers.map((server) => settingOf(connection, server)));
    const wrong = settings.find((flags) => !(/E/.test(flags) && /[xA]/.test(flags)));
    if (wrong === undefined) return;
    logger.warn(
      `"expired" is not heard: Redis does not tell of keys that expire (notify-keyspace-events is "${wrong}"). Have its operator set notify-keyspace-events Ex, on every server, also in its configuration file.`,
    );
  } catch (error) {
    logger.warn(
      `Whether "expired" is heard could not be checked (${saidBy(error) || 'Redis does not answer'}). It needs notify-keyspace-events Ex, on every server.`,
    );
  }
}

async function settingOf(connection: RedisConnection, server: RedisClient): Promise<string> {
  const reply = await connection.send(() => server.call('config', 'GET', 'notify-keyspace-events'));
  // A list or, from a client that was made so, an object.
  return String(Array.isArray(reply) ? reply[1] : Object.values(reply as object)[0]);
}
