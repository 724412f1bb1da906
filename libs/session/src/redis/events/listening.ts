import { Logger } from '@nestjs/common';
import { pauseBefore } from '../connecting.js';
import type { RedisConnection } from '../redis-connection.js';
import { saidBy, storeError } from '../store-error.js';
import { Ear, type ListeningClient } from './ear.js';
import type { EventChannels } from './event-channels.js';

/** How often a silent connection is asked whether it is alive. */
const HEARTBEAT_MS = 10_000;
const LOST = 'the connection was lost';

export interface Listener {
  hear(channel: string, text: string): void;
  /** It listens from now on, or again: the server may be another one, or be set in another way. */
  listens(): void;
  /** Nothing was heard for a while, and is again. @param forMs how long at most. */
  missed(forMs: number): void;
}

/** Listens for as long as the application runs: on one connection, or on one to each primary of a Cluster. */
export class Listening {
  readonly #logger = new Logger('SessionEvents');
  readonly #ears = new Map<string, Ear>();
  readonly #options: object;
  /** When everything was heard for certain, by `performance.now()`. */
  #wholeAt = performance.now();
  #hasMissed = false;
  #isLost = false;
  /** Which servers are listened to, and which of them has the events. */
  #places: string | undefined;
  #round: Promise<void> | undefined;
  #nextRound: NodeJS.Timeout | undefined;
  #attempts = 0;
  #isClosed = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly channels: EventChannels,
    private readonly listener: Listener,
    storeTimeoutMs: number,
  ) {
    const patienceMs = Math.max(1000, 2 * storeTimeoutMs);
    this.#options = {
      connectionName: 'nestjs-redis-session:events',
      keyPrefix: '',
      lazyConnect: true,
      socketTimeout: patienceMs,
      autoResubscribe: false,
      readOnly: false,
      // One that is lost is not mended: another is opened, wherever the primary is by then.
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
    };
  }

  /** Resolves once it listens, or has failed to; it goes on trying. */
  start(): Promise<void> {
    this.#wholeAt = performance.now();
    return this.#look();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#nextRound);
    this.#forgetAll();
    await this.#round;
  }

  #look(): Promise<void> {
    clearTimeout(this.#nextRound);
    this.#round ??= this.#lookOnce().finally(() => (this.#round = undefined));
    return this.#round;
  }

  async #lookOnce(): Promise<void> {
    const askedAt = performance.now();
    this.#isLost = false;
    const problem = await this.#arrange().catch(
      (error: unknown) => saidBy(storeError(error)) || 'Redis does not answer',
    );
    if (this.#isClosed) return this.#forgetAll();
    if (problem === undefined && !this.#isLost) this.#whole(askedAt);
    else this.#broken(problem ?? LOST);
    const pauseMs = this.#hasMissed ? pauseBefore(this.#attempts) : HEARTBEAT_MS;
    this.#nextRound = setTimeout(() => void this.#look(), pauseMs).unref();
  }

  #whole(askedAt: number): void {
    const places = [...this.#ears].map(([address, { isHome }]) => `${address} ${isHome}`).join();
    // The Cluster has moved the channel, or keys, to another server.
    const isFirst = this.#places === undefined;
    const hasMissed = this.#hasMissed || (!isFirst && places !== this.#places);
    this.#places = places;
    if (isFirst || hasMissed) this.listener.listens();
    if (hasMissed) {
      this.#logger.log('Session events are heard again.');
      this.listener.missed(performance.now() - this.#wholeAt);
    }
    this.#wholeAt = askedAt;
    this.#hasMissed = false;
    this.#attempts = 0;
  }

  #broken(problem: string): void {
    this.#attempts++;
    if (this.#hasMissed) return;
    this.#hasMissed = true;
    this.#logger.warn(`Session events are not heard until it is put right: ${problem}.`);
  }

  #lost(): void {
    if (this.#isClosed || this.#isLost) return;
    this.#isLost = true;
    if (this.#round) return;
    this.#broken(LOST);
    void this.#look();
  }

  /** @returns what is wrong, if anything. */
  async #arrange(): Promise<string | undefined> {
    if (await this.#isHomeAlive()) return undefined;
    const servers = this.connection.servers(this.#options);
    // A Cluster connects when it is first asked for something.
    if (servers.size === 0) await this.connection.send((client) => client.ping());
    for (const address of this.#ears.keys()) if (!servers.has(address)) this.#forget(address);
    const results = await Promise.allSettled(
      [...servers].map(([address, open]) => this.#listenTo(address, open)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    const needsAll = this.channels.expiries !== undefined;
    const homes = [...this.#ears.values()].filter(({ isHome }) => isHome);
    if (failed && (needsAll || homes.length === 0)) throw failed.reason;
    if (homes.length === 0) return 'no server has the channel of session events';
    for (const [address, ear] of this.#ears) if (!needsAll && !ear.isHome) this.#forget(address);
    return undefined;
  }

  /** Where only events are wanted, one connection is enough. */
  async #isHomeAlive(): Promise<boolean> {
    if (this.channels.expiries !== undefined) return false;
    const [[address, home] = []] = [...this.#ears].filter(([, { isHome }]) => isHome);
    if (address === undefined || !home) return false;
    await home.listen().catch(() => this.#forget(address));
    const isAlive = this.#ears.has(address) && home.isHome;
    if (!isAlive) this.#broken(LOST);
    return isAlive;
  }

  async #listenTo(address: string, open: () => unknown): Promise<void> {
    let ear = this.#ears.get(address);
    if (!ear) {
      const hear = (channel: string, text: string) => this.listener.hear(channel, text);
      const lost = () => {
        this.#forget(address);
        this.#lost();
      };
      ear = new Ear(open() as ListeningClient, this.channels, { hear, lost });
      this.#ears.set(address, ear);
    }
    await ear.listen().catch((error: unknown) => {
      this.#forget(address);
      throw error;
    });
  }

  #forgetAll(): void {
    for (const address of this.#ears.keys()) this.#forget(address);
  }

  #forget(address: string): void {
    this.#ears.get(address)?.close();
    this.#ears.delete(address);
  }
}
