import { Cluster, Redis } from 'ioredis';
import { within } from '../doctor/own-connection.js';

/** How long one command may take. */
export const PATIENCE_MS = 5000;
/** How long it may take until commands can be sent. */
const CONNECT_MS = 8000;

const OPTIONS = {
  connectTimeout: PATIENCE_MS,
  commandTimeout: PATIENCE_MS,
  disconnectTimeout: 50,
  connectionName: 'nestjs-redis-session-cli',
  replyMapping: 'legacy',
  // A command is never sent twice.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
} as const;

/** A client of the server behind a URL; of the whole Cluster, if that server belongs to one. */
export async function connect(url: string): Promise<Redis | Cluster> {
  const server = await connected(
    (retryStrategy) => new Redis(url, { ...OPTIONS, lazyConnect: true, retryStrategy }),
  );
  const info = await server.info().catch(() => '');
  if (/^sentinel_masters:/m.test(info)) {
    server.disconnect();
    throw new Error(
      'this is a Sentinel, which keeps no sessions. Ask it for the primary, with SENTINEL GET-MASTER-ADDR-BY-NAME, and give the URL of that one',
    );
  }
  if (!/^cluster_enabled:1/m.test(info)) return server;
  const { host, port, username, password, tls } = server.options;
  server.disconnect();
  const account = { ...(username && { username }), ...(password && { password }) };
  return connected(
    (clusterRetryStrategy) =>
      new Cluster([{ host: host!, port: port! }], {
        redisOptions: { ...OPTIONS, ...account, ...(tls && { tls }) },
        lazyConnect: true,
        // A Cluster that is down is asked all the same: its servers say why they refuse, and some may not.
        enableReadyCheck: false,
        clusterRetryStrategy,
      }),
  );
}

/**
 * Tries once, and connects again by itself later on: a command that watches goes on.
 *
 * The rejection of connect() only says that the connection is closed; the event says why.
 */
async function connected<Client extends Redis | Cluster>(
  make: (retryStrategy: () => number | null) => Client,
): Promise<Client> {
  let isConnected = false;
  let reason: unknown;
  const client = make(() => (isConnected ? 200 : null));
  client.on('error', (error) => (reason = error));
  try {
    // There are ways in which connect() neither resolves nor rejects.
    await within(client.connect(), CONNECT_MS);
    isConnected = true;
    return client;
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
}
