import type { Durability } from '../../core/durability.js';
import type { RedisClient } from '../../redis-client.js';
import type { OwnRedisClient } from '../own-redis-client.js';
import { assertSafe, type DurabilitySettings } from './assert-safe.js';
import { type Command, WriteBatches } from './write-batches.js';

/** A client that blocks while it waits for replicas or for the disk, so it is used for nothing else. */
export interface DurableRedisClient extends OwnRedisClient {
  pipeline(commands: Command[]): { exec(): Promise<[Error | null, unknown][] | null> };
}

/**
 * A client whose scripts are answered only when what they wrote is safe. `WAIT` and `WAITAOF` speak of the writes of their
 * own connection, so they travel in one pipeline with the scripts: whatever becomes of the connection, or of who is the
 * primary, they cannot speak of another server. What others ask for meanwhile goes in the next pipeline, together.
 * What is only read is read elsewhere, and waits for nobody.
 */
export class DurableClient implements RedisClient {
  readonly #batches: WriteBatches;

  /** @param patienceMs how long a write may stand in line before it is dropped. */
  constructor(
    private readonly client: DurableRedisClient,
    private readonly reader: RedisClient,
    private readonly durability: Durability,
    private readonly settings: DurabilitySettings,
    patienceMs: number,
  ) {
    this.#batches = new WriteBatches((writes) => this.#write(writes), patienceMs);
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
    return this.#batches.add(this.#lineOf(rest), ['evalsha', sha, numberOfKeys, ...rest]);
  }
  eval(script: string, numberOfKeys: number, ...rest: (string | number)[]): Promise<unknown> {
    return this.#batches.add(this.#lineOf(rest), ['eval', script, numberOfKeys, ...rest]);
  }

  /** On a Cluster only what is in one slot can go together. */
  #lineOf([key]: readonly (string | number)[]): string {
    return this.client.nodes ? (/\{(.*?)\}/.exec(String(key))?.[1] ?? '') : '';
  }

  /** @returns for each write what it says, or why it failed. */
  async #write(writes: readonly Command[]): Promise<unknown[]> {
    const { durableReplicas, durableTimeoutMs } = this.settings;
    const questions: Command[] =
      this.durability === 'replica'
        ? [['wait', durableReplicas, durableTimeoutMs]]
        : [
            ['info', 'server'],
            ['call', 'WAITAOF', 1, 0, durableTimeoutMs],
          ];
    const replies = (await this.client.pipeline([...writes, ...questions]).exec()) ?? [];
    const said = replies.map(([error, reply]) => error ?? reply);
    const done = said.slice(0, writes.length);
    // A script that Redis refused is told as what it is, also to who finds out here that the server does not know it yet.
    if (done.some((reply) => !(reply instanceof Error))) {
      assertSafe(this.durability, said.slice(writes.length), this.settings);
    }
    return done;
  }
}
