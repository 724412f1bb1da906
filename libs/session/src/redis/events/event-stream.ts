import type { RedisConnection } from '../redis-connection.js';

/** Where events stand until they are too many: at most about as many acts as it may hold, as the application has said. */
export class EventStream {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
    private readonly maxLength?: number,
  ) {}

  /**
   * One command. Trimmed to whole nodes of the stream, which costs Redis next to nothing. Whoever does not know how much it may
   * hold adds to a stream that is there, and neither trims nor begins one.
   *
   * @throws {SessionError} `SESSION_STORE` when it may not stand there.
   */
  add(text: string): Promise<unknown> {
    const { key, maxLength } = this;
    const how = maxLength === undefined ? ['NOMKSTREAM'] : ['MAXLEN', '~', maxLength];
    return this.connection.send((client) => client.call('xadd', key, ...how, '*', 'events', text));
  }
}
