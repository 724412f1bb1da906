import type { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { keyspaceFaults } from '../../support/keyspace-oracle.js';
import type { FaultSiteSettings, Vitals } from '../app/fault-site.settings.js';
import { Crowd, type CrowdOptions } from './crowd.js';
import { seed, times } from '../../support/scale.js';
import { SiteProcess, type SiteProcessOptions } from './site-process.js';

export const STORE_TIMEOUT_MS = 250;
/**
 * How long an answer may take, without what the machine adds. A request reads and then writes, and each may wait for Redis as
 * long as `storeTimeoutMs`: once where Redis is away from one moment to the next, and twice at most.
 */
export const ANSWERED_WITHIN_MS = 2 * STORE_TIMEOUT_MS + 50;

/** Memory that a process may have gained: what is compiled and cached on the way is no leak. */
const HEAP_GROWTH_BYTES = 40 * 1024 * 1024;
/** Connections that an instance has to Sentinels and their primary when all is well. */
const SENTINEL_SOCKETS = 5;

interface SiteOptions extends Partial<FaultSiteSettings> {
  readonly redis: FaultSiteSettings['redis'];
  readonly instances?: number;
  /** For the process of each instance. */
  readonly process?: (instance: number) => SiteProcessOptions;
}

/** The site under a fault: instances in processes of their own, on both platforms in turn. A short pass has one unless told. */
export class FaultSite {
  private constructor(
    readonly instances: readonly SiteProcess[],
    private readonly before: readonly Vitals[],
    private readonly sockets: number,
    private readonly isDurable: boolean,
  ) {}

  static async open(options: SiteOptions): Promise<FaultSite> {
    const { redis, session, durable, instances = times(1, 2), platform } = options;
    const processes = await Promise.all(
      Array.from({ length: instances }, (_, i) =>
        SiteProcess.start(
          {
            redis,
            durable,
            platform: platform ?? ((seed + i) % 2 === 0 ? 'express' : 'fastify'),
            // Each request slides: what slides can go wrong.
            session: { storeTimeoutMs: STORE_TIMEOUT_MS, touchIntervalSeconds: 0, ...session },
          },
          options.process?.(i),
        ),
      ),
    );
    const before = await Promise.all(processes.map((process) => process.vitals()));
    const sockets = socketsTo(redis);
    // What is durable opens a connection of its own when it is first asked for.
    const allowed = durable ? 2 * sockets + 1 : sockets;
    return new FaultSite(processes, before, allowed, durable !== undefined);
  }

  get urls(): string[] {
    return this.instances.map(({ url }) => url);
  }

  crowd(options: CrowdOptions): Crowd {
    return new Crowd(this.urls, { renews: !this.isDurable, ...options });
  }

  /** What must hold after every fault, of the processes and of the keys. @param nodes the servers that hold keys. */
  async faults(nodes: readonly Redis[]): Promise<string[]> {
    const ofKeys = await Promise.all(nodes.map((node) => keyspaceFaults(node)));
    const ofProcesses = await Promise.all(this.instances.map((_, i) => this.#faultsOf(i)));
    return [...ofKeys.flat(), ...ofProcesses.flat()];
  }

  /** Of the slowest instance, since it was asked last: how long its requests had to wait for their turn. */
  async loopDelayP99Ms(): Promise<number> {
    const vitals = await Promise.all(this.instances.map((instance) => instance.vitals()));
    return Math.max(...vitals.map(({ loopDelayP99Ms }) => loopDelayP99Ms));
  }

  async #faultsOf(i: number): Promise<string[]> {
    const instance = this.instances[i]!;
    const enough = async () => (await instance.vitals()).sockets <= this.sockets;
    const tooMany = await eventually('no connection is left over', enough).then(
      () => [],
      () => ['connections to Redis are left over'],
    );
    const now = await instance.vitals();
    const grown = now.heapBytes - this.before[i]!.heapBytes;
    return [
      ...now.uncaught,
      ...tooMany,
      ...(grown > HEAP_GROWTH_BYTES ? [`the heap has grown by ${Math.round(grown / 1e6)} MB`] : []),
    ];
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.kill()));
  }
}

function socketsTo(redis: FaultSiteSettings['redis']): number {
  if (typeof redis === 'string') return 1;
  // One to subscribe, and one to each node: what ioredis 5 asks before it knows the slots goes to a replica, too.
  return 'cluster' in redis ? redis.cluster.length + 1 : SENTINEL_SOCKETS;
}
