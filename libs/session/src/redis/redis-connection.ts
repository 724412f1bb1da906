import type { Durability } from '../core/durability.js';
import type { StorePart } from '../core/session-repository.js';
import { storeCalls } from '../core/trace.js';
import type { RedisClient } from '../redis-client.js';
import { SessionError } from '../session.errors.js';
import { Circuit } from './circuit.js';
import { clientFindings } from './client-findings.js';
import { partsOf } from './cluster-slots.js';
import { createTwin } from './create-client.js';
import { deadline } from './deadline.js';
import { ignoreOutages } from './outages.js';
import type { OwnRedisClient } from './own-redis-client.js';
import { ReplyTrust } from './reply-trust.js';
import { SilentNode } from './silent-node.js';
import { SilentServer } from './silent-server.js';
import { isOutage, RestingError, storeError, timeoutError } from './store-error.js';
import { traceCommand } from './trace-command.js';

/** What has a connection of its own. */
export type Purpose = Durability | 'search';

/**
 * Sends commands, and answers within the time limit whatever Redis does.
 *
 * The limit is kept here and not by options of the client: a client that was handed in is used as it is. A command
 * is never sent twice. After a time-out it is not known whether Redis carried it out.
 */
export class RedisConnection {
  readonly #circuit: Circuit;
  #ready: Promise<void> | undefined;
  readonly #trust: ReplyTrust;
  readonly #silence: SilentNode | SilentServer | undefined;
  #isClosed = false;
  readonly #others = new Map<Purpose, RedisConnection>();

  readonly #client: RedisClient;
  readonly #own: OwnRedisClient | undefined;
  readonly #timeoutMs: number;
  readonly #openOther: ((purpose: Purpose) => RedisConnection) | undefined;
  readonly #openTwin: ((last: object) => OwnRedisClient) | undefined;
  readonly #limitedBy: string | undefined;

  /**
   * @param openOther opens a connection of its own for writes that must be so durable, or for searches.
   * @param openTwin makes a client for the same Redis, with options that count more than what was configured.
   * @param limitedBy the options that the time limit is made of, where that is not `storeTimeoutMs`.
   */
  constructor(
    client: RedisClient,
    own: OwnRedisClient | undefined,
    timeoutMs: number,
    openOther?: (purpose: Purpose) => RedisConnection,
    openTwin?: (last: object) => OwnRedisClient,
    limitedBy?: string,
  ) {
    this.#client = client;
    this.#own = own;
    this.#timeoutMs = timeoutMs;
    this.#openOther = openOther;
    this.#openTwin = openTwin;
    this.#limitedBy = limitedBy;
    this.#circuit = new Circuit(timeoutMs);
    this.#trust = new ReplyTrust(client, own, timeoutMs);
    const leading = own ?? client;
    if (leading.nodes) this.#silence = new SilentNode(leading);
    else if (own) this.#silence = new SilentServer(own, timeoutMs);
    own?.on('ready', () => this.#circuit.answered());
  }

  /** It has a connection to each of its servers: one that is away says nothing about the others. */
  get isCluster(): boolean {
    return (this.#own ?? this.#client).nodes !== undefined;
  }

  /** The parts that can fail by themselves. */
  get parts(): StorePart[] | undefined {
    const { slots } = this.#client;
    return slots && partsOf(slots);
  }

  get database(): number {
    return this.#client.options?.db ?? 0;
  }

  /** What options of a client that was handed in do to sessions; nothing of a client that was made here. */
  get findings(): readonly string[] {
    return this.#own ? [] : clientFindings(this.#client);
  }

  /** What the client puts in front of keys by itself. */
  get clientPrefix(): string {
    return this.#client.options?.keyPrefix ?? '';
  }

  /** Another one to the same Redis, for what blocks. Whoever asks for it closes it. */
  beside(timeoutMs: number, last: object): RedisConnection {
    const client = this.#openTwin!(last);
    return new RedisConnection(client, client, timeoutMs);
  }

  /**
   * What makes a client for each server that takes writes, by their addresses. Whoever makes one closes it. A Cluster knows its
   * servers once it is connected; elsewhere there is one, wherever it is by then.
   */
  servers(last: object): ReadonlyMap<string, () => OwnRedisClient> {
    const nodes = this.#client.nodes?.('master');
    if (!nodes) return new Map([['', () => this.#openTwin!(last)]]);
    return new Map(
      nodes.map((node) => {
        const { host, port } = node.options ?? {};
        return [`${host}:${port}`, () => createTwin(node, last, ignoreOutages)];
      }),
    );
  }

  /** To the same Redis; what scripts write there is answered when it is that safe. Opened when it is first asked for. */
  durable(durability: Durability): RedisConnection {
    return this.#other(durability);
  }

  /**
   * To the same Redis, with the time limit of searches. One that takes long holds up no request there, and says nothing about
   * whether Redis answers requests. Opened when it is first asked for.
   */
  get searching(): RedisConnection {
    return this.#other('search');
  }

  #other(purpose: Purpose): RedisConnection {
    const open = this.#others.get(purpose) ?? this.#openOther!(purpose);
    this.#others.set(purpose, open);
    return open;
  }

  /** @throws {SessionError} `SESSION_STORE`, after `storeTimeoutMs` at the latest. */
  send<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return storeCalls.hasSubscribers ? this.#trace(command) : this.#send(command);
  }

  #trace<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return traceCommand(this.#own ?? this.#client, command, (traced) => this.#send(traced));
  }

  async #send<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (!this.isCluster && !this.#circuit.mayAsk(performance.now())) throw new RestingError();
    try {
      const reply = await this.#withinLimit(command);
      this.#circuit.answered();
      return reply;
    } catch (error) {
      if (error instanceof SessionError && isOutage(error)) this.#failed();
      else this.#circuit.answered();
      throw error;
    }
  }

  #failed(): void {
    this.#circuit.failed(performance.now());
    // Where one answer was lost, each one goes to the question before it, which nobody waits for any more.
    if (this.#circuit.isOpen && this.#own) this.#trust.doubt();
  }

  /** Closes a client that was made here, once what is under way has been answered; another is left alone. */
  async close(): Promise<void> {
    await Promise.all([...this.#others.values()].map((connection) => connection.close()));
    this.#isClosed = true;
    if (!this.#own) return;
    if (this.#own.status !== 'ready') return this.#own.disconnect();
    await this.send(() => this.#own!.quit()).catch(() => undefined);
    // Also after quit(): that leaves what listens to Sentinels.
    this.#own.disconnect();
  }

  #withinLimit<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const giveUp = () => {
        isLate = true;
        this.#silence?.suspect();
        reject(timeoutError(this.#timeoutMs, this.#limitedBy));
      };
      const callOff = deadline(this.#timeoutMs, giveUp);
      const refuse = (error: unknown) => {
        callOff();
        reject(storeError(error));
      };
      const settle = () => {
        // Its request was answered with 503 while it waited for a connection: sent now, it would act for nobody.
        if (isLate) return;
        this.#trust.ask(command).then((reply) => {
          callOff();
          resolve(reply);
        }, refuse);
      };
      const usable = this.#whenUsable();
      if (usable) void usable.then(settle, refuse);
      else settle();
    });
  }

  #whenUsable(): Promise<void> | undefined {
    const trusted = this.#trust.whenRestored();
    // A check may have ended in a new connection, which takes a moment.
    return trusted ? trusted.then(() => this.#whenReady()) : this.#whenReady();
  }

  /**
   * Our own client does not queue. While it connects, requests wait here, each for its own limit, and what is too
   * late is dropped instead of being carried out later.
   */
  #whenReady(): Promise<void> | undefined {
    const own = this.#own;
    // Told of a failover, ioredis ends the stream and stays `ready` until the server has closed it too.
    if (!own || (own.status === 'ready' && own.stream?.writable !== false)) return undefined;
    this.#ready ??= new Promise<void>((resolve) => {
      own.once('ready', () => {
        this.#ready = undefined;
        resolve();
      });
    });
    // A failure to connect is reported by the client's `error` event, and tried again.
    // 'end' unasked: a Sentinel that told of a failover while the client asked it for the primary ends the client.
    if (own.status === 'wait' || (own.status === 'end' && !this.#isClosed)) {
      own.connect().catch(() => undefined);
    }
    return this.#ready;
  }
}
