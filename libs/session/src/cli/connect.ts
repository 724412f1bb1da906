import { Cluster, Redis } from 'ioredis';

const PATIENCE_MS = 5000;

const OPTIONS = {
  connectTimeout: PATIENCE_MS,
  commandTimeout: PATIENCE_MS,
  disconnectTimeout: 50,
  connectionName: 'nestjs-redis-session-doctor',
  replyMapping: 'legacy',
} as const;

/** A client of the server behind a URL; of the whole Cluster, if that server belongs to one. */
export async function connect(url: string): Promise<Redis | Cluster> {
  const server = new Redis(url, { ...OPTIONS, lazyConnect: true, retryStrategy: () => null });
  await connected(server);
  const info = await server.info('cluster').catch(() => '');
  if (!/^cluster_enabled:1/m.test(info)) return server;
  const { host, port, username, password, tls } = server.options;
  server.disconnect();
  const account = { ...(username && { username }), ...(password && { password }) };
  const cluster = new Cluster([{ host: host!, port: port! }], {
    redisOptions: { ...OPTIONS, ...account, ...(tls && { tls }) },
    lazyConnect: true,
    clusterRetryStrategy: () => null,
  });
  await connected(cluster);
  return cluster;
}

/** The rejection of connect() only says that the connection is closed; the event says why. */
async function connected(client: Redis | Cluster): Promise<void> {
  let reason: unknown;
  client.on('error', (error) => (reason = error));
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
}
