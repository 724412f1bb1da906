import { type Cluster, Redis } from 'ioredis';
import { launchRedis } from '../../redis-server/launch.js';

/** Real servers for a storm. */
export interface StormServers {
  /** A connection to each server that holds keys, to look into it. */
  readonly nodes: readonly Redis[];
  /** A client as an application has it; whoever asked for it closes it. */
  connect(): Redis | Cluster;
  stop(): Promise<void>;
}

/** Nothing here outlives its Redis, so it need not write to disk. */
export const VOLATILE = { appendonly: 'no', save: '' };

export async function startSingle(): Promise<StormServers> {
  const server = await launchRedis({ settings: VOLATILE });
  const node = new Redis(server.url);
  return {
    nodes: [node],
    connect: () => new Redis(server.url),
    stop: async () => {
      node.disconnect();
      await server.stop();
    },
  };
}
