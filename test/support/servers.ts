import { type Cluster, Redis } from 'ioredis';
import { launchRedis } from '../../redis-server/launch.js';

/** One server, or several that belong together. */
export interface Servers {
  /** A connection to each server that holds keys, to look into it. */
  readonly nodes: readonly Redis[];
  readonly hasSearch: boolean;
  /** A client as an application has it; the caller closes it. */
  connect(): Redis | Cluster;
  stop(): Promise<void>;
}

/** Settings for a Redis that is not restarted: it need not write to disk. */
export const VOLATILE = { appendonly: 'no', save: '' };

export async function startSingle(): Promise<Servers> {
  const server = await launchRedis({ settings: VOLATILE });
  const node = new Redis(server.url);
  return {
    nodes: [node],
    hasSearch: server.hasSearch,
    connect: () => new Redis(server.url),
    stop: async () => {
      node.disconnect();
      await server.stop();
    },
  };
}
