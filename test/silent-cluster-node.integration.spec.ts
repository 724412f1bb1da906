import { once } from 'node:events';
import { Redis } from 'ioredis';
import { ClusterRoute } from '../libs/session/src/redis/durable/cluster-route.js';
import type { DurableRedisClient } from '../libs/session/src/redis/durable/durable-client.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';

const defer = useCleanup();

describe('durable writes to a server of a Cluster', () => {
  const redis = useRedis();

  it('suspect a silent server once, however many of them wait', async () => {
    const server = new Redis(redis.url);
    defer(() => server.disconnect());
    await once(server, 'ready');
    // All that is used of a Cluster: its servers.
    const cluster = { nodes: () => [server], slots: [], options: {}, on: () => cluster };
    const route = new ClusterRoute(cluster as unknown as DurableRedisClient, 50);
    let connection: Redis | undefined;
    const write = () =>
      route.follow('key', async (to) => (connection = to as unknown as Redis).set('key', 'x'));
    await eventually('it is connected', () =>
      write().then(
        () => true,
        () => false,
      ),
    );
    const { stream } = connection!;
    defer(() => connection!.disconnect());
    const listeners = () => stream.listenerCount('close') + stream.listenerCount('data');
    const before = listeners();
    await redis.client.call('CLIENT', 'PAUSE', '60000', 'WRITE');
    const writes = Array.from({ length: 20 }, write);
    await eventually('the server is suspected', async () => listeners() > before);
    expect(listeners()).toBe(before + 2);
    await redis.client.call('CLIENT', 'UNPAUSE');
    await Promise.all(writes);
    expect(listeners()).toBe(before);
  });
});
