import type { Redis } from 'ioredis';
import { keyspaceFaults } from '../../support/keyspace-oracle.js';
import type { FaultSiteSettings, Vitals } from '../app/fault-site.settings.js';
import { Crowd, type CrowdOptions } from './crowd.js';
import { SiteProcess } from './site-process.js';

export const STORE_TIMEOUT_MS = 250;
/** How much longer than `storeTimeoutMs` an answer may take: the promise is 50 ms, the rest is for a busy machine. */
export const SLACK_MS = 50;

/** Memory that a process may have gained: what is compiled and cached on the way is no leak. */
const HEAP_GROWTH_BYTES = 40 * 1024 * 1024;
const SOCKETS_MORE = 4;

interface SiteOptions extends Partial<FaultSiteSettings> {
  readonly redis: FaultSiteSettings['redis'];
  readonly instances?: number;
}

/** The site under a fault: instances in processes of their own, each on both platforms in turn. */
export class FaultSite {
  private constructor(
    readonly instances: readonly SiteProcess[],
    private readonly before: readonly Vitals[],
  ) {}

  static async open({ redis, session, instances = 2, platform }: SiteOptions): Promise<FaultSite> {
    const processes = await Promise.all(
      Array.from({ length: instances }, (_, i) =>
        SiteProcess.start({
          redis,
          platform: platform ?? (i % 2 === 0 ? 'express' : 'fastify'),
          // Each request slides: what slides can go wrong.
          session: { storeTimeoutMs: STORE_TIMEOUT_MS, touchIntervalSeconds: 0, ...session },
        }),
      ),
    );
    const before = await Promise.all(processes.map((process) => process.vitals()));
    return new FaultSite(processes, before);
  }

  get urls(): string[] {
    return this.instances.map(({ url }) => url);
  }

  crowd(options: CrowdOptions): Crowd {
    return new Crowd(this.urls, options);
  }

  /** What must hold after every fault, of the processes and of the keys. @param nodes the servers that hold keys. */
  async faults(nodes: readonly Redis[]): Promise<string[]> {
    const ofKeys = await Promise.all(nodes.map((node) => keyspaceFaults(node)));
    const ofProcesses = await Promise.all(this.instances.map((_, i) => this.#faultsOf(i)));
    return [...ofKeys.flat(), ...ofProcesses.flat()];
  }

  async #faultsOf(i: number): Promise<string[]> {
    const now = await this.instances[i]!.vitals();
    const then = this.before[i]!;
    const grown = now.heapBytes - then.heapBytes;
    return [
      ...now.uncaught,
      ...(grown > HEAP_GROWTH_BYTES ? [`the heap has grown by ${Math.round(grown / 1e6)} MB`] : []),
    ];
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.kill()));
  }
}
