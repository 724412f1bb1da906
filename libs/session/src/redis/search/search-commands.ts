import type { RedisClient } from '../../redis-client.js';
import type { RedisConnection } from '../redis-connection.js';
import { searchErrorOf } from './search-error.js';

/** Sends the commands of Redis Search. On a Cluster all go to one node, whose Search answers for all of them. */
export class SearchCommands {
  constructor(
    private readonly connection: RedisConnection,
    private readonly limitMs: number,
  ) {}

  async send(command: string, ...args: (string | number)[]): Promise<unknown> {
    try {
      return await this.connection.send((client) => oneOf(client).call(command, ...args));
    } catch (error) {
      throw searchErrorOf(error, this.limitMs);
    }
  }
}

/** The same node each time: it alone knows the cursors that it handed out. */
function oneOf(client: RedisClient): RedisClient {
  return client.nodes?.('master')[0] ?? client;
}
