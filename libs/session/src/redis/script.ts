import { createHash } from 'node:crypto';
import type { RedisClient } from '../redis-client.js';

/**
 * A Lua script, sent by its digest. A server that does not know it (new, restarted, flushed) gets the text once.
 *
 * Not by `defineCommand` of ioredis: that would change a client which is not ours.
 */
export class Script {
  readonly #sha: string;

  constructor(private readonly source: string) {
    this.#sha = createHash('sha1').update(source).digest('hex');
  }

  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown[]> {
    try {
      return (await client.evalsha(this.#sha, keys.length, ...keys, ...args)) as unknown[];
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return (await client.eval(this.source, keys.length, ...keys, ...args)) as unknown[];
    }
  }
}
