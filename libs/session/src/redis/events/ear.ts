import type { OwnRedisClient } from '../own-redis-client.js';
import type { EventChannels } from './event-channels.js';

/** What is asked of a client that listens. */
export interface ListeningClient extends OwnRedisClient {
  subscribe(...channels: string[]): Promise<unknown>;
  ssubscribe(channel: string): Promise<unknown>;
  on(event: 'message' | 'smessage', listener: (channel: string, text: string) => void): this;
  on(event: 'close' | 'moved' | 'ready', listener: () => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
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
  /** Answers the subscription that is under way. */
  #moved = (): void => undefined;

  constructor(
    private readonly client: ListeningClient,
    private readonly channels: EventChannels,
    listener: EarListener,
  ) {
    const lost = () => {
      if (!this.#isClosed) listener.lost();
    };
    const moved = () => {
      this.#moved();
      if (this.isHome) lost();
    };
    client.on('message', (channel, text) => listener.hear(channel, text));
    client.on('smessage', (channel, text) => listener.hear(channel, text));
    client.on('close', lost);
    client.on('moved', moved);
    // That a Cluster has moved the channel is to ioredis 5 an answer that nobody had asked for.
    client.on('error', ({ message }) => {
      if (message.startsWith('Command queue state error')) moved();
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

  /** Where the channel is elsewhere, ioredis 6 rejects; ioredis 5 has the event, and never an answer. */
  #listenToShard(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#moved = () => resolve(false);
      this.client.ssubscribe(this.channels.events).then(
        () => resolve(true),
        (error: Error) => (error.message.startsWith('MOVED') ? resolve(false) : reject(error)),
      );
    });
  }
}
