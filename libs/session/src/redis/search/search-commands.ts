import type { RedisClient } from '../../redis-client.js';
import type { RedisConnection } from '../redis-connection.js';
import { searchErrorOf } from './search-error.js';

/** Search is to stop before its answer is not waited for any more. */
const SHARE_OF_LIMIT = 0.8;

/**
 * Sends the commands of Redis Search, by a connection of their own. On a Cluster all go to one node, whose Search answers for all
 * of them.
 */
export class SearchCommands {
  /** How long Search is given for an answer. */
  readonly limitMs: number;

  constructor(
    private readonly connection: RedisConnection,
    searchTimeoutMs: number,
  ) {
    this.limitMs = Math.ceil(SHARE_OF_LIMIT * searchTimeoutMs);
  }

  async send(command: string, ...args: (string | number)[]): Promise<unknown> {
    try {
      return await this.connection.searching.send((client) => oneOf(client).call(command, ...args));
    } catch (error) {
      throw searchErrorOf(error, this.limitMs);
    }
  }
}

/** The same node each time: it alone knows the cursors that it handed out. */
function oneOf(client: RedisClient): RedisClient {
  return client.nodes?.('master')[0] ?? client;
}
