import type { RedisOptions } from 'ioredis';
import { createTwin } from '../create-client.js';
import { ignoreOutages } from '../outages.js';
import type { DurableRedisClient } from './durable-client.js';

/** Each is made when it is needed, connects when it is used, and is made anew once it is lost. */
const OPTIONS = {
  retryStrategy: null,
  // It is silent while Redis waits for a replica or for its disk.
  socketTimeout: undefined,
  commandTimeout: undefined,
  // Keys come with theirs.
  keyPrefix: '',
  readOnly: false,
};

/**
 * Connections of our own to the servers of a Cluster. ioredis closes its own, with all that is under way, when the server that
 * it asked for the slots does not name another one: for a second after a failover, the primary from before.
 */
export class ClusterConnections {
  readonly #open = new Map<string, DurableRedisClient>();

  constructor(private readonly cluster: DurableRedisClient) {
    cluster.on('end', () => {
      for (const connection of this.#open.values()) connection.disconnect();
    });
  }

  /** @returns `undefined` where the Cluster has no such server, as far as ioredis knows. */
  at(address: string | undefined): DurableRedisClient | undefined {
    const node = this.cluster.nodes!('all').find((known) => addressOf(known) === address);
    return node && this.#to(node);
  }

  toMasters(): DurableRedisClient[] {
    return this.cluster.nodes!('master').map((node) => this.#to(node));
  }

  #to(node: DurableRedisClient): DurableRedisClient {
    const address = addressOf(node);
    const open = this.#open.get(address);
    if (open) return open;
    // A node that is connected keeps those that it was made with.
    const credentials = () => ({ ...node.options, ...this.cluster.options?.redisOptions });
    const connection = createTwin(node, OPTIONS, ignoreOutages, credentials as () => RedisOptions);
    this.#open.set(address, connection);
    connection.on('end', () => this.#open.delete(address));
    return connection;
  }
}

function addressOf({ options }: DurableRedisClient): string {
  return `${options?.host}:${options?.port}`;
}
