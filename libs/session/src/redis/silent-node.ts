import type { RedisClient } from '../redis-client.js';

const PAUSE_MS = 1000;

/**
 * A server of a Cluster has said nothing in time: asks the others who has its slots by now. ioredis asks them when a connection
 * breaks or a server redirects, and a server that is frozen does neither: measured, an application waited for it until it was back.
 */
export class SilentNode {
  #askedAt = -Infinity;

  constructor(private readonly client: RedisClient) {}

  /** To be called when an answer did not come in time. */
  suspect(): void {
    const now = performance.now();
    if (now < this.#askedAt + PAUSE_MS) return;
    this.#askedAt = now;
    this.client.refreshSlotsCache?.();
  }
}
