import { Redis } from 'ioredis';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';

const WITHOUT_PERSISTENCE = { appendonly: 'no', save: '' };

/** A Redis of the benchmark's own, which writes nothing to the disk. */
export class BenchRedis {
  readonly #clients: Redis[] = [];

  private constructor(private readonly server: RedisServer) {}

  static async start(): Promise<BenchRedis> {
    if (process.env['REDIS_URL']) {
      throw new Error('A benchmark fills and empties a Redis of its own: unset REDIS_URL.');
    }
    return new BenchRedis(await launchRedis({ settings: WITHOUT_PERSISTENCE }));
  }

  get url(): string {
    return this.server.url;
  }

  get description(): string {
    return this.server.description;
  }

  get hasSearch(): boolean {
    return this.server.hasSearch;
  }

  /** @param sendsAtOnce whether all commands of one turn of the event loop travel together. */
  connect({ sendsAtOnce = false } = {}): Redis {
    const client = new Redis(this.server.url, { enableAutoPipelining: sendsAtOnce });
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.server.stop();
  }
}
