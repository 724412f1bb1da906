import type { Durability } from '../../core/durability.js';
import type { RedisClient } from '../../redis-client.js';
import type { OwnRedisClient } from '../own-redis-client.js';
import { assertSafe, type DurabilitySettings } from './assert-safe.js';
import { NotDurableError } from '../store-error.js';
import { ClusterRoute } from './cluster-route.js';
import { type Command, type Write, WriteBatches } from './write-batches.js';

/** A client that blocks while it waits for replicas or for the disk, so it is used for nothing else. */
export interface DurableRedisClient extends OwnRedisClient {
  on(event: 'ready' | 'end', listener: () => void): unknown;
  pipeline(commands: Command[]): { exec(): Promise<[Error | null, unknown][] | null> };
  /** A Cluster has these: its servers. */
  nodes?(role: 'master' | 'all'): DurableRedisClient[];
  readonly options?: RedisClient['options'] & {
    readonly redisOptions?: object;
    readonly natMap?: Record<string, Address> | ((address: string) => Address | null);
  };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * A client whose scripts are answered only when what they wrote is safe. `WAIT` and `WAITAOF` speak of the writes of their
 * own connection, so they travel in one pipeline with the scripts: whatever becomes of the connection, or of who is the
 * primary, they cannot speak of another server. What others ask for meanwhile goes in the next pipeline, together: on a Cluster
 * each server has pipelines of its own.
 * What is only read is read elsewhere, and waits for nobody.
 */
export class DurableClient implements RedisClient {
  readonly #batches: WriteBatches<DurableRedisClient>;
  readonly #route: ClusterRoute | undefined;

  /** @param patienceMs how long a write may stand in line before it is dropped. */
  constructor(
    private readonly client: DurableRedisClient,
    private readonly reader: RedisClient,
    private readonly durability: Durability,
    private readonly settings: DurabilitySettings,
    patienceMs: number,
  ) {
    const send = (server: DurableRedisClient, writes: readonly Write[]) =>
      this.#write(server, writes);
    this.#batches = new WriteBatches(send, patienceMs);
    this.#route = client.nodes && new ClusterRoute(client, patienceMs);
  }

  get status(): string {
    return this.client.status;
  }
  hgetall(key: string): Promise<Record<string, string>> {
    return this.reader.hgetall(key);
  }
  pttl(key: string): Promise<number> {
    return this.reader.pttl(key);
  }
  time(): Promise<(string | number)[]> {
    return this.reader.time();
  }
  ping(): Promise<string> {
    return this.reader.ping();
  }
  call(command: string, ...args: (string | number)[]): Promise<unknown> {
    return this.reader.call(command, ...args);
  }
  evalsha(sha: string, numberOfKeys: number, ...rest: (string | number)[]): Promise<unknown> {
    return this.#send('evalsha', sha, numberOfKeys, rest);
  }
  eval(script: string, numberOfKeys: number, ...rest: (string | number)[]): Promise<unknown> {
    return this.#send('eval', script, numberOfKeys, rest);
  }

  #send(
    name: string,
    script: string,
    numberOfKeys: number,
    rest: (string | number)[],
  ): Promise<unknown> {
    if (!this.#route) {
      return this.#batches.add(this.client, [[name, script, numberOfKeys, ...rest]]);
    }
    const since = performance.now();
    // To a server of a Cluster by itself, ioredis sends keys as they are.
    const { keyPrefix = '' } = this.client.options ?? {};
    const keys = rest.slice(0, numberOfKeys).map((key) => `${keyPrefix}${key}`);
    const command: Command = [name, script, numberOfKeys, ...keys, ...rest.slice(numberOfKeys)];
    return this.#route.follow(String(rest[0]), (server, isAsked) =>
      this.#batches.add(server, isAsked ? [['asking'], command] : [command], since),
    );
  }

  /** @returns for each write what it says, or why it failed. */
  async #write(server: DurableRedisClient, writes: readonly Write[]): Promise<unknown[]> {
    const { durableReplicas, durableTimeoutMs } = this.settings;
    const questions: Command[] =
      this.durability === 'replica'
        ? [['wait', durableReplicas, durableTimeoutMs]]
        : [
            ['info', 'server'],
            ['call', 'WAITAOF', 1, 0, durableTimeoutMs],
          ];
    // One to a server of a Cluster, that is used for the first time.
    if (server.status === 'wait') await server.connect();
    const replies = (await server.pipeline([...writes.flat(), ...questions]).exec()) ?? [];
    const said = replies.map(([error, reply]) => error ?? reply);
    let last = -1;
    const done = writes.map(({ length }) => said[(last += length)]);
    // A script that Redis refused is told as what it is, also to who finds out here that the server does not know it yet, or
    // that another one has its slot. What is wrong with the rest is no concern of it.
    if (done.every((reply) => reply instanceof Error)) return done;
    const doubt = this.#doubtIn(said.slice(last + 1));
    return doubt ? done.map((reply) => (reply instanceof Error ? reply : doubt)) : done;
  }

  #doubtIn(said: readonly unknown[]): NotDurableError | undefined {
    try {
      assertSafe(this.durability, said, this.settings);
      return undefined;
    } catch (error) {
      return error as NotDurableError;
    }
  }
}
