import { Redis } from 'ioredis';
import { DelayingProxy } from '../../support/delaying-proxy.js';
import type { Entrant } from '../contestants/roster.js';
import { ContestantProcess } from '../stand/contestant-process.js';

const DELAY_MS = 50;
export const NEAR = 25;
export const FAR = 6;

/** A contestant whose Redis can be moved away. */
export class DistantContestant {
  private constructor(
    private readonly proxy: DelayingProxy,
    private readonly pinging: Redis,
    readonly process: ContestantProcess,
  ) {}

  static async start(entrant: Entrant, redisUrl: string): Promise<DistantContestant> {
    const proxy = await DelayingProxy.to(redisUrl);
    const contestant = await ContestantProcess.start(entrant, proxy.url);
    return new DistantContestant(proxy, new Redis(proxy.url), contestant);
  }

  /** Commands that it has sent. */
  get commands(): number {
    return this.proxy.commands;
  }

  /**
   * How much longer something takes while Redis is away, in milliseconds. The shortest times are compared: a machine
   * that does something else makes some longer, and none shorter.
   */
  async delayOf(time: (count: number) => Promise<readonly number[]>): Promise<number> {
    const near = Math.min(...(await time(NEAR)));
    this.proxy.delayMs = DELAY_MS;
    const far = Math.min(...(await time(FAR)));
    this.proxy.delayMs = 0;
    return far - near;
  }

  /** One trip to Redis and back. */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.pinging.ping();
    return performance.now() - startedAt;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    this.pinging.disconnect();
    this.proxy.close();
  }
}
