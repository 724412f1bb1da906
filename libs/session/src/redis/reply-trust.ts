import { Logger } from '@nestjs/common';
import type { RedisClient } from '../redis-client.js';
import { isInStep, noteSurprise } from './in-step.js';
import { type OwnRedisClient, replaceConnection } from './own-redis-client.js';
import { OutOfStepError } from './store-error.js';

/** How long a connection that is mistrusted has to prove itself. */
const CHECK_MS = 100;

/** Whether the answers on a connection can be believed: each must be about what was asked. */
export class ReplyTrust {
  readonly #logger = new Logger('SessionRedis');
  /** Counts how often the replies were found to be out of step; answers from before that time are worth nothing. */
  #era = 0;
  #isDoubted = false;
  #checking: Promise<void> | undefined;

  constructor(
    private readonly client: RedisClient,
    private readonly own: OwnRedisClient | undefined,
    private readonly timeoutMs: number,
  ) {}

  /**
   * Whatever else was asked on a connection whose replies are out of step is not believed either.
   *
   * @throws {OutOfStepError}
   */
  async ask<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    const era = this.#era;
    try {
      const reply = await command(this.client);
      if (era === this.#era) return reply;
    } catch (error) {
      if (!(error instanceof OutOfStepError)) throw error;
      if (era === this.#era) this.#mistrust();
      throw error;
    }
    throw new OutOfStepError();
  }

  /** Has the connection checked before it is used again. A Cluster has one to each node, and does not tell which it was. */
  doubt(): void {
    this.#isDoubted = (this.own ?? this.client).nodes === undefined;
  }

  /** Rejects while the replies are out of step. A connection of our own is replaced then; another is left to its owner. */
  whenRestored(): Promise<void> | undefined {
    if (!this.#isDoubted) return undefined;
    // What is not connected has no replies that could be out of step.
    if (this.own && this.own.status !== 'ready') this.#isDoubted = false;
    if (!this.#isDoubted) return undefined;
    this.#checking ??= isInStep(this.own ?? this.client, Math.min(CHECK_MS, this.timeoutMs))
      .catch(() => false)
      .then((isSo) => {
        if (!isSo && this.own) replaceConnection(this.own);
        if (!isSo && !this.own) throw new OutOfStepError();
        this.#isDoubted = false;
      })
      .finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  /** Somebody else may have written what was read, or the replies are out of step: a question of our own will tell. */
  #mistrust(): void {
    this.#era++;
    noteSurprise(this.client);
    this.#logger.error(
      'Redis answered with something else than what was asked. The connection is not used before it has been checked.',
    );
    this.doubt();
    this.whenRestored()?.catch(() => undefined);
  }
}
