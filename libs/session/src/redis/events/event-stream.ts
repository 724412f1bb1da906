import type { RedisConnection } from '../redis-connection.js';

/** Where events stand until they are too many: at most about as many acts as it may hold. */
export class EventStream {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
    private readonly maxLength: number,
  ) {}

  /**
   * One command. Trimmed to whole nodes of the stream, which costs Redis next to nothing.
   *
   * @throws {SessionError} `SESSION_STORE` when it may not stand there.
   */
  add(text: string): Promise<unknown> {
    const { key, maxLength } = this;
    return this.connection.send((client) =>
      client.call('xadd', key, 'MAXLEN', '~', maxLength, '*', 'events', text),
    );
  }
}
