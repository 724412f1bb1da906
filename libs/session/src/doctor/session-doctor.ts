import type { RedisClient } from '../redis-client.js';
import { examineCluster } from './examine-cluster.js';
import { examineSingle } from './examine-single.js';
import type { Finding } from './finding.js';

/**
 * Looks at a Redis as one who keeps sessions would: what a restart loses, whether it signs users out when it is full,
 * whether keys stay for ever. It reads, and never changes anything. Up to 1,010 commands for each server.
 */
export class SessionDoctor {
  /**
   * Sends nothing yet.
   *
   * @param client an ioredis client, of a single server or of a Cluster; it stays yours, and is not closed. Replicas and the
   *   servers of a Cluster are asked on connections of the doctor's own.
   * @param keyPrefix as in the options of the module. Default: none.
   */
  constructor(
    private readonly client: RedisClient,
    private readonly keyPrefix = '',
  ) {}

  /**
   * What there is to say, good and bad, within 10 seconds. Of a Cluster every server is looked at, also where some do not answer or
   * the Cluster is down, and what is found says which one. Rejects when a single server, or every server of a Cluster, does not answer.
   */
  examine(): Promise<Finding[]> {
    return this.client.nodes
      ? examineCluster(this.client, this.keyPrefix)
      : examineSingle(this.client, this.keyPrefix);
  }
}
