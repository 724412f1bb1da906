import { Cluster } from 'ioredis';
import { eventually } from './eventually.js';
import { type TestRedis, useRedis } from './redis.js';

/** A Cluster of one server, which has all slots. */
export function useClusterOfOne(): TestRedis {
  const redis = useRedis({
    settings: {
      'cluster-enabled': 'yes',
      'cluster-announce-ip': '127.0.0.1',
      save: '',
      appendonly: 'no',
    },
  });
  beforeAll(async () => {
    await redis.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    // A node that has just come up holds back for two seconds.
    await eventually('the node serves its slots', async () =>
      String(await redis.client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    );
  });
  return redis;
}

export function connectToClusterOfOne(url: string, options: object): Cluster {
  const { hostname, port } = new URL(url);
  const node = { host: hostname, port: Number(port) };
  // In a container the node knows itself by another address.
  return new Cluster([node], { natMap: () => node, ...options });
}
