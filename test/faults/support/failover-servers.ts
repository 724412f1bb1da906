import type { Redis } from 'ioredis';
import type { RedisServer } from '../../../redis-server/launch.js';
import { startCluster } from '../../support/cluster-servers.js';
import { eventually } from '../../support/eventually.js';
import { startSentinelSite } from '../../support/sentinel-site.js';
import type { FaultSiteSettings } from '../app/fault-site.settings.js';
import { patientClient } from './use-fault-bench.js';

const PATIENCE_MS = 60_000;

/** Servers of which one takes the place of another, again and again. */
export interface FailoverServers {
  readonly redis: FaultSiteSettings['redis'];
  /** The ways in which a failover can begin. */
  readonly ways: readonly Way[];
  /** Until the replicas have all that the primaries have by now. */
  untilInStep(): Promise<void>;
  /** Resolves when another server is the primary. */
  failOver(way: Way): Promise<Failover>;
  /** The servers that hold keys by now. */
  primaries(): Promise<readonly Redis[]>;
  stop(): Promise<void>;
}

export type Way = 'kill' | 'freeze' | 'command';

interface Failover {
  /** Lets the old primary come back, and waits until it is a replica that is in step. */
  heal(): Promise<void>;
}

/** A failover by command needs `durableReplicas: 2` here, see `durable-failover.slow.spec.ts`. */
export async function underSentinels(): Promise<FailoverServers> {
  const site = await startSentinelSite();
  const nodes = nodesOf(site.servers);
  const nodeOf = (server: RedisServer) => nodes[site.servers.indexOf(server)]!;
  const untilInStep = async () => inStep(nodeOf(await site.primary()), 2);
  return {
    redis: site.redis,
    ways: ['kill', 'freeze'],
    untilInStep,
    failOver: async (way) => {
      const old = await site.primary();
      await (way === 'kill' ? old.crash() : old.freeze());
      await site.untilAnotherThan(old);
      return {
        heal: async () => {
          await site.untilAllNameAnotherThan(old);
          await (way === 'kill' ? old.start() : old.thaw());
          await untilInStep();
        },
      };
    },
    primaries: async () => [nodeOf(await site.primary())],
    stop: async () => {
      for (const node of nodes) node.disconnect();
      await site.stop();
    },
  };
}

/** The shards have their failovers in turn. */
export async function onCluster(): Promise<FailoverServers> {
  // So that the loss of one shard is not the loss of all.
  const settings = { 'cluster-require-full-coverage': 'no' };
  const cluster = await startCluster({ withReplicas: true, settings });
  const shards = cluster.primaries.map((primary, i) => {
    const servers = [primary, cluster.replicas[i]!];
    return { servers, nodes: nodesOf(servers) };
  });
  let turn = 0;
  return {
    redis: { cluster: cluster.addresses.map(({ host, port }) => `redis://${host}:${port}`) },
    ways: ['kill', 'freeze', 'command'],
    untilInStep: async () => {
      await Promise.all(shards.map(({ nodes }) => inStep(nodes[0]!, 1)));
    },
    failOver: async (way) => {
      const { servers, nodes } = shards[turn++ % shards.length]!;
      const [old, next] = [servers[0]!, nodes[1]!];
      if (way === 'kill') await old.crash();
      else if (way === 'freeze') await old.freeze();
      else await next.call('CLUSTER', 'FAILOVER');
      await eventually(
        'the replica is the primary',
        async () => (await next.info('replication')).includes('role:master'),
        PATIENCE_MS,
      );
      servers.reverse();
      nodes.reverse();
      return {
        heal: async () => {
          if (way === 'kill') await old.start();
          else if (way === 'freeze') await old.thaw();
          await inStep(next, 1);
        },
      };
    },
    primaries: async () => shards.map(({ nodes }) => nodes[0]!),
    stop: async () => {
      for (const { nodes } of shards) for (const node of nodes) node.disconnect();
      await cluster.stop();
    },
  };
}

function nodesOf(servers: readonly RedisServer[]): Redis[] {
  return servers.map(({ url }) => patientClient(url));
}

/** Until so many replicas say that they have all that the primary has by now. */
async function inStep(primary: Redis, replicas: number): Promise<void> {
  const [, offset] = /master_repl_offset:(\d+)/.exec(await primary.info('replication'))!;
  const haveIt = async () => {
    const said = (await primary.info('replication')).matchAll(/state=online,offset=(\d+)/g);
    return [...said].filter(([, has]) => Number(has) >= Number(offset)).length === replicas;
  };
  await eventually('the replicas are in step', haveIt, PATIENCE_MS);
}
