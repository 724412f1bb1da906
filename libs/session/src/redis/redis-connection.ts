import type { RedisClient } from '../redis-client.js';
import { storeError, timeoutError } from './store-error.js';

/** A client that was made here, so it is ours to wait for and to close. */
export interface OwnRedisClient extends RedisClient {
  connect(): Promise<void>;
  once(event: 'ready', listener: () => void): unknown;
  quit(): Promise<unknown>;
  disconnect(): void;
}

/**
 * Sends commands, and answers within the time limit whatever Redis does.
 *
 * The limit is kept here and not by options of the client: a client that was handed in is used as it is. A command
 * is never sent twice. After a time-out it is not known whether Redis carried it out.
 */
export class RedisConnection {
  #ready: Promise<void> | undefined;

  constructor(
    private readonly client: RedisClient,
    private readonly own: OwnRedisClient | undefined,
    private readonly timeoutMs: number,
  ) {}

  get database(): number {
    return this.client.options?.db ?? 0;
  }

  /** @throws {SessionError} `SESSION_STORE`, after `storeTimeoutMs` at the latest. */
  send<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(timeoutError(this.timeoutMs));
      }, this.timeoutMs);
      const settle = () => {
        // Its request was answered with 503 while it waited for a connection: sent now, it would act for nobody.
        if (isLate) return;
        command(this.client).then(
          (reply) => {
            clearTimeout(timer);
            resolve(reply);
          },
          (error: unknown) => {
            clearTimeout(timer);
            reject(storeError(error));
          },
        );
      };
      const ready = this.#whenReady();
      if (ready) void ready.then(settle);
      else settle();
    });
  }

  /** Closes a client that was made here, once what is under way has been answered; another is left alone. */
  async close(): Promise<void> {
    if (!this.own) return;
    if (this.own.status !== 'ready') return this.own.disconnect();
    await this.send(() => this.own!.quit()).catch(() => this.own!.disconnect());
  }

  /**
   * Our own client does not queue. While it connects, requests wait here, each for its own limit, and what is too
   * late is dropped instead of being carried out later.
   */
  #whenReady(): Promise<void> | undefined {
    const { own } = this;
    if (!own || own.status === 'ready') return undefined;
    this.#ready ??= new Promise<void>((resolve) => {
      own.once('ready', () => {
        this.#ready = undefined;
        resolve();
      });
    });
    // A failure to connect is reported by the client's `error` event, and tried again.
    if (own.status === 'wait') own.connect().catch(() => undefined);
    return this.#ready;
  }
}
