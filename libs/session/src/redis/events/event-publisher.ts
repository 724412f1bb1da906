import { Logger } from '@nestjs/common';
import type { RedisConnection } from '../redis-connection.js';
import type { EventChannels } from './event-channels.js';

/** Tells all instances, on the connection that the sessions use. No request waits for it or fails by it. */
export class EventPublisher {
  readonly #logger = new Logger('SessionEvents');
  readonly #command: string;
  #isFailing = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly channels: EventChannels,
  ) {
    this.#command = channels.isSharded ? 'spublish' : 'publish';
  }

  /** One command. The promise resolves also where it fails: that is logged. */
  publish(text: string): Promise<unknown> {
    return this.connection
      .send((client) => client.call(this.#command, this.channels.publishTo, text))
      .then(
        () => (this.#isFailing = false),
        (error: Error) => this.#failed(error),
      );
  }

  /** One line for each time that it begins to fail. */
  #failed({ message }: Error): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#logger.warn(`What became of sessions could not be told to the instances. ${message}`);
  }
}
