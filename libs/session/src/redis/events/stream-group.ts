import type { RedisConnection } from '../redis-connection.js';
import { saidBy } from '../store-error.js';

/** What one act did, as it stands in the stream. */
export interface StreamEntry {
  readonly id: string;
  readonly text: string;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
}

/** The commands of one consumer in one group of a stream. An entry is one consumer's until it is acknowledged. */
export class StreamGroup {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
    readonly name: string,
    private readonly consumer: string,
  ) {}

  /** Makes the group, if it is not there. @param from `$`: what comes from now on; `0`: all that the stream holds. */
  async ensure(from: '$' | '0'): Promise<void> {
    try {
      await this.#call('xgroup', 'CREATE', this.key, this.name, from, 'MKSTREAM');
    } catch (error) {
      if (!saidBy(error).startsWith('BUSYGROUP')) throw error;
    }
  }

  /** The next entry that nobody in the group has, waited for as long as that. */
  async next(waitMs: number): Promise<StreamEntry | undefined> {
    const { key, name, consumer } = this;
    const wait = ['COUNT', 1, 'BLOCK', Math.ceil(waitMs)];
    const reply = await this.#call(
      'xreadgroup',
      'GROUP',
      name,
      consumer,
      ...wait,
      'STREAMS',
      key,
      '>',
    );
    return reply ? entryOf(entriesOf(reply)[0], 1) : undefined;
  }

  /** Takes over one that a consumer has had for so long without acknowledging it: it died, or its handler failed. */
  async overdue(sinceMs: number): Promise<StreamEntry | undefined> {
    const { key, name, consumer } = this;
    const pending = await this.#call('xpending', key, name, 'IDLE', sinceMs, '-', '+', 1);
    const [first] = pending as [string, string, number, number][];
    if (!first) return undefined;
    const [id, , , deliveries] = first;
    // Not XAUTOCLAIM, which does not say how often an entry was handed out. Nobody gets it whom another was quicker than.
    const claimed = await this.#call('xclaim', key, name, consumer, sinceMs, id);
    return entryOf((claimed as unknown[])[0], Number(deliveries) + 1);
  }

  async done({ id }: StreamEntry): Promise<void> {
    await this.#call('xack', this.key, this.name, id);
  }

  /** Takes the consumer off the list, unless it has something that another has to take over. */
  async leave(): Promise<void> {
    const { key, name, consumer } = this;
    const left = await this.#call('xpending', key, name, '-', '+', 1, consumer);
    if ((left as unknown[]).length > 0) return;
    await this.#call('xgroup', 'DELCONSUMER', key, name, consumer);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  #call(command: string, ...args: (string | number)[]): Promise<unknown> {
    return this.connection.send((client) => client.call(command, ...args));
  }
}

/** Of the one stream that was asked for: in a list of lists, in a flat list, or in an object, as the client was made. */
function entriesOf(reply: unknown): readonly unknown[] {
  const [first, second]: unknown[] = Array.isArray(reply) ? reply : Object.entries(reply as object);
  return (Array.isArray(first) ? first[1] : second) as unknown[];
}

/** @returns `undefined` for one that was trimmed from the stream, or that another consumer has taken over. */
function entryOf(entry: unknown, deliveries: number): StreamEntry | undefined {
  if (!Array.isArray(entry) || !Array.isArray(entry[1])) return undefined;
  const [id, [, text]] = entry as [string, [string, string]];
  return { id, text, deliveries };
}
