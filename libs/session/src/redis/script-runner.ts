import type { RedisClient } from '../redis-client.js';
import type { RedisConnection } from './redis-connection.js';
import type { ScriptReply } from './scripts/reply.js';
import { StoreClock } from './store-clock.js';

/** Runs scripts, and learns the time of Redis from their answers. */
export class ScriptRunner {
  readonly #clock = new StoreClock();

  constructor(private readonly connection: RedisConnection) {}

  now(): number {
    return this.#clock.now();
  }

  async run(script: (client: RedisClient) => Promise<ScriptReply>): Promise<ScriptReply> {
    const sentAt = Date.now();
    const reply = await this.connection.send(script);
    this.#clock.observe(sentAt, reply.now);
    return reply;
  }
}
