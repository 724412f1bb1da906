import type { OwnRedisClient } from '../own-redis-client.js';
import type { EventChannels } from './event-channels.js';

/** What is asked of a client that listens. */
export interface ListeningClient extends OwnRedisClient {
  subscribe(...channels: string[]): Promise<unknown>;
  ssubscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (...said: string[]) => void): this;
}

export interface EarListener {
  hear(channel: string, text: string): void;
  /** The connection is lost, or the Cluster has moved the channel: it may hear nothing from now on. */
  lost(): void;
}

/** One connection that listens, to one server. When it is lost, another one takes its place. */
export class Ear {
  /** Whether events are heard here; on a Cluster one server has them. */
  isHome = false;
  #isClosed = false;

  constructor(
    private readonly client: ListeningClient,
    private readonly channels: EventChannels,
    listener: EarListener,
  ) {
    const lost = () => {
      if (!this.#isClosed) listener.lost();
    };
    client.on('message', (channel, text) => listener.hear(channel, text));
    client.on('smessage', (channel, text) => listener.hear(channel, text));
    client.on('close', lost);
    // What ioredis 6 says where a Cluster has moved the channel; ioredis 5 takes it for an error.
    client.on('moved', () => {
      if (this.isHome) lost();
    });
  }

  /**
   * Subscribes, or subscribes again, which changes nothing: that it is answered says that the connection is alive. Rejects
   * where it is not.
   */
  async listen(): Promise<void> {
    const { client, channels } = this;
    if (client.status === 'wait') await client.connect();
    if (channels.expiries !== undefined) await client.subscribe(channels.expiries);
    this.isHome = channels.isSharded
      ? await this.#listenToShard()
      : Boolean(await client.subscribe(channels.events));
  }

  close(): void {
    this.#isClosed = true;
    this.client.disconnect();
  }

  async #listenToShard(): Promise<boolean> {
    try {
      await this.client.ssubscribe(this.channels.events);
      return true;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('MOVED')) return false;
      throw error;
    }
  }
}
