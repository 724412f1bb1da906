import { Cluster, Redis } from 'ioredis';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { freePort } from '../../redis-server/ports.js';
import { eventually } from './eventually.js';
import { type Servers, VOLATILE } from './servers.js';

/** Which slots each primary has at the start. */
export const SLOTS: [first: number, last: number][] = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383],
];

interface Node {
  readonly server: RedisServer;
  /** A connection to it. */
  readonly node: Redis;
  readonly busPort: number;
}

/** How long a node may be silent before the others take it for dead, in a Cluster that has replicas. */
export const NODE_TIMEOUT_MS = 2000;

export interface ClusterServers extends Servers {
  /** The servers behind {@link Servers.nodes}, in the order of their slots. */
  readonly primaries: readonly RedisServer[];
  /** The replica of each primary, in the same order; empty if there are none. */
  readonly replicas: readonly RedisServer[];
  /** Primaries without slots; empty unless asked for. Clients hear of one only once it has a slot, or a primary. */
  readonly spares: readonly Node[];
  /** Of all but the spares. */
  readonly addresses: readonly { host: string; port: number }[];
}

interface ClusterOptions {
  readonly withReplicas?: boolean;
  readonly spares?: number;
  readonly settings?: Record<string, string>;
}

/** A Cluster of three primaries on loopback; with replicas, one for each, it outlives the loss of a primary. */
export async function startCluster({
  withReplicas = false,
  spares: more = 0,
  settings = {},
}: ClusterOptions = {}): Promise<ClusterServers> {
  const count = withReplicas ? 2 * SLOTS.length : SLOTS.length;
  const ofReplicas: Record<string, string> = withReplicas
    ? { 'cluster-node-timeout': String(NODE_TIMEOUT_MS), 'repl-diskless-sync-delay': '0' }
    : {};
  const all = await Promise.all(
    Array.from({ length: count + more }, (_, index) =>
      startNode(index, { ...ofReplicas, ...settings }),
    ),
  );
  const primaries = all.slice(0, SLOTS.length);
  const replicas = all.slice(SLOTS.length, count);
  await join(all);
  await eventually('the Cluster agrees on its slots', () => agree(all.map(({ node }) => node)));
  await Promise.all(replicas.map(({ node }, i) => replicate(node, primaries[i]!.node)));
  // A client believes the first one that it asks.
  await eventually('each server knows all primaries and replicas', async () =>
    (await Promise.all(all.map(({ node }) => serversKnownTo(node)))).every((n) => n === count),
  );
  const servers = all.map(({ server }) => server);
  const addresses = servers.slice(0, count).map(addressOf);
  return {
    nodes: primaries.map(({ node }) => node),
    // Search works on single servers only.
    hasSearch: false,
    primaries: servers.slice(0, SLOTS.length),
    replicas: servers.slice(SLOTS.length, count),
    spares: all.slice(count),
    addresses,
    connect: () => new Cluster(addresses, { redisOptions: { disconnectTimeout: 50 } }),
    stop: async () => {
      for (const { node } of all) node.disconnect();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function startNode(index: number, settings: Record<string, string>): Promise<Node> {
  // The usual bus port, 10,000 higher, may be one that Linux lends to outgoing connections.
  const busPort = await freePort();
  const server = await launchRedis({
    settings: {
      ...VOLATILE,
      ...settings,
      'cluster-enabled': 'yes',
      'cluster-announce-ip': '127.0.0.1',
      'cluster-port': String(busPort),
    },
  });
  const node = new Redis(server.url, { disconnectTimeout: 50 });
  // Some tests kill a node.
  node.on('error', () => undefined);
  // Ranks that differ from the start, so that the nodes need not quarrel about them.
  await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  const slots = SLOTS[index];
  if (slots) await node.call('CLUSTER', 'ADDSLOTSRANGE', ...slots);
  return { server, node, busPort };
}

async function join([first, ...others]: readonly Node[]): Promise<void> {
  const { host, port } = addressOf(first!.server);
  for (const { node } of others) await node.call('CLUSTER', 'MEET', host, port, first!.busPort);
}

/** Makes a node without slots the replica of another, and waits until each knows it. */
export async function replicate(replica: Redis, primary: Redis): Promise<void> {
  const id = String(await primary.call('CLUSTER', 'MYID'));
  await eventually('the replica has heard of its primary', async () =>
    String(await replica.call('CLUSTER', 'NODES')).includes(id),
  );
  await replica.call('CLUSTER', 'REPLICATE', id);
  await eventually('a replica has the data of its primary', async () =>
    (await replica.info('replication')).includes('master_link_status:up'),
  );
  await eventually('its primary counts on it', async () =>
    String(await primary.call('CLUSTER', 'NODES')).includes(`slave ${id}`),
  );
}

async function serversKnownTo(node: Redis): Promise<number> {
  const slots = (await node.call('CLUSTER', 'SLOTS')) as [number, number, ...unknown[]][];
  return slots.reduce((count, [, , ...servers]) => count + servers.length, 0);
}

/** Each node by its own account: the others may still be on their way to it. */
async function agree(nodes: readonly Redis[]): Promise<boolean> {
  const accounts = await Promise.all(nodes.map((node) => node.call('CLUSTER', 'INFO')));
  return accounts.every(
    (account) =>
      /^cluster_state:ok\r$/m.test(String(account)) &&
      /^cluster_slots_ok:16384\r$/m.test(String(account)),
  );
}

function addressOf({ url }: RedisServer): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
