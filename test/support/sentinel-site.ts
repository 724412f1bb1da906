import { Redis } from 'ioredis';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { eventually } from './eventually.js';
import { VOLATILE } from './servers.js';

const NAME = 'sessions';

/** A replica that asks for all data need not wait for others that might ask too. */
const SETTINGS = { ...VOLATILE, 'repl-diskless-sync-delay': '0' };

/** How long a primary may be silent before a Sentinel takes it for dead. */
export const DOWN_AFTER_MS = 1000;

/** A primary, two replicas and three Sentinels on loopback. */
export interface SentinelSite {
  /** What an application says of it. */
  readonly redis: { sentinels: { host: string; port: number }[]; name: string };
  /** The first was the primary at the start. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  /** Which server the Sentinels take for the primary at this moment. */
  primary(): Promise<RedisServer>;
  /** Until both replicas have what the primary has: before that a failover would rightly lose it. */
  untilReplicated(): Promise<void>;
  /** How many connections wait for a Sentinel to name another primary. */
  listeners(): Promise<number>;
  /** Until a Sentinel names another primary than this one. */
  untilAnotherThan(server: RedisServer): Promise<void>;
  /** Until all of them do: an application listens to each, and connects anew at every one that tells it. */
  untilAllNameAnotherThan(server: RedisServer): Promise<void>;
  /** Has the Sentinels make another server the primary, though this one is well. */
  failover(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSentinelSite(
  settings: Record<string, string> = {},
): Promise<SentinelSite> {
  const servers = await Promise.all(
    [1, 2, 3].map(() => launchRedis({ settings: { ...SETTINGS, ...settings } })),
  );
  const [first, ...replicas] = servers;
  // Before the Sentinels come: they ask the primary for its replicas once at the start, and then every ten seconds.
  await Promise.all(replicas.map((replica) => follow(replica, first!)));
  const sentinels = await Promise.all(
    [1, 2, 3].map(() => launchRedis({ sentinel: configuration(addressOf(first!)) })),
  );
  await Promise.all(sentinels.map(untilAcquainted));
  const primary = async () => {
    const port = await askForPrimary(sentinels);
    return servers.find((server) => addressOf(server).port === port)!;
  };
  return {
    redis: { sentinels: sentinels.map(addressOf), name: NAME },
    servers,
    sentinels,
    primary,
    untilReplicated: async () =>
      asked(await primary(), (client) =>
        eventually(
          'both replicas are in step',
          async () => (await client.info('replication')).match(/state=online/g)?.length === 2,
          60_000,
        ),
      ),
    listeners: async () => {
      const counts = await Promise.all(
        sentinels.map((sentinel) => asked(sentinel, countListeners)),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    untilAnotherThan: (before) =>
      eventually('another primary', async () => (await primary()) !== before, 60_000),
    untilAllNameAnotherThan: async (before) => {
      const { port } = addressOf(before);
      await eventually(
        'all Sentinels name another primary',
        async () => {
          const named = sentinels.map((sentinel) => askForPrimary([sentinel]));
          return (await Promise.all(named)).every((one) => one !== port);
        },
        60_000,
      );
    },
    failover: () =>
      asked(
        sentinels[0]!,
        async (client) => void (await client.call('SENTINEL', 'FAILOVER', NAME)),
      ),
    stop: async () => {
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()));
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** The longest part of a second try, should two Sentinels want to lead the first one at once, is `failover-timeout`. */
function configuration({ host, port }: { host: string; port: number }): string {
  return [
    `sentinel monitor ${NAME} ${host} ${port} 2`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 2000`,
    `sentinel parallel-syncs ${NAME} 2`,
    '',
  ].join('\n');
}

async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  const { host, port } = addressOf(primary);
  await asked(replica, async (client) => {
    await client.replicaof(host, port);
    await eventually('a replica has the data of its primary', async () =>
      (await client.info('replication')).includes('master_link_status:up'),
    );
  });
}

/** Until it knows both replicas and both other Sentinels: only then would a failover succeed. */
async function untilAcquainted(sentinel: RedisServer): Promise<void> {
  await asked(sentinel, (client) =>
    eventually(
      'a Sentinel knows the others',
      async () =>
        (await client.info('sentinel')).includes('status=ok,address=127.0.0.1') &&
        /slaves=2,sentinels=3/.test(await client.info('sentinel')),
    ),
  );
}

/** By the first Sentinel that answers. */
function askForPrimary(sentinels: readonly RedisServer[]): Promise<number> {
  return Promise.any(
    sentinels.map((sentinel) =>
      asked(sentinel, async (client) => {
        const address = await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
        return Number((address as string[])[1]);
      }),
    ),
  );
}

/** The Sentinels listen to each other's servers, not to each other: whoever is listed is an application. */
async function countListeners(client: Redis): Promise<number> {
  return String(await client.client('LIST')).match(/ cmd=subscribe/g)?.length ?? 0;
}

async function asked<T>(server: RedisServer, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(server.url, { disconnectTimeout: 50, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}

function addressOf({ url }: RedisServer): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
