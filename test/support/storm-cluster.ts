import { Cluster, Redis } from 'ioredis';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { freePort } from '../../redis-server/ports.js';
import { eventually } from './eventually.js';
import { type StormServers, VOLATILE } from './storm-servers.js';

const SLOTS: [first: number, last: number][] = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383],
];

interface Primary {
  readonly server: RedisServer;
  readonly node: Redis;
  readonly busPort: number;
}

/** A Cluster of three primaries on loopback. */
export async function startCluster(): Promise<StormServers> {
  const primaries = await Promise.all(SLOTS.map(startPrimary));
  const nodes = primaries.map(({ node }) => node);
  await join(primaries);
  await eventually('the Cluster agrees on its slots', () => agree(nodes));
  const addresses = primaries.map(({ server }) => addressOf(server));
  return {
    nodes,
    connect: () => new Cluster(addresses),
    stop: async () => {
      for (const node of nodes) node.disconnect();
      await Promise.all(primaries.map(({ server }) => server.stop()));
    },
  };
}

async function startPrimary([first, last]: [number, number], index: number): Promise<Primary> {
  // The usual bus port, 10,000 higher, may be one that Linux lends to outgoing connections.
  const busPort = await freePort();
  const server = await launchRedis({
    settings: {
      ...VOLATILE,
      'cluster-enabled': 'yes',
      'cluster-announce-ip': '127.0.0.1',
      'cluster-port': String(busPort),
    },
  });
  const node = new Redis(server.url);
  // Ranks that differ from the start, so that the nodes need not quarrel about them.
  await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  await node.call('CLUSTER', 'ADDSLOTSRANGE', first, last);
  return { server, node, busPort };
}

async function join([first, ...others]: readonly Primary[]): Promise<void> {
  const { host, port } = addressOf(first!.server);
  for (const { node } of others) await node.call('CLUSTER', 'MEET', host, port, first!.busPort);
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
