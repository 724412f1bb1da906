import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { StreamEntry, StreamGroup } from '../redis/events/stream-group.js';
import { saidBy } from '../redis/store-error.js';
import { callHandler, type EventHandler } from './event-handler.js';
import type { SessionEvent } from './session-event.js';

/** After so many times an event that no handler gets done is given up: it would come again for ever. */
export const MOST_DELIVERIES = 5;

/** How long Redis holds a question for the next event; also how long a shutdown can wait for it. */
const LONGEST_WAIT_MS = 1000;
const PAUSE_MS = 500;

/** Has the events of a group handled one after the other, in this instance as in others. */
export class GroupConsumer {
  readonly #logger = new Logger('SessionEvents');
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #lookAgainAt = 0;
  #isAway = false;

  constructor(
    private readonly group: StreamGroup,
    private readonly handlers: readonly EventHandler[],
    private readonly retryAfterMs: number,
    private readonly decode: (text: string) => readonly SessionEvent[],
  ) {}

  /** Resolves once the group is there, or could not be made yet: what happens from then on is handled. */
  async start(): Promise<void> {
    await this.#ensure('$');
    this.#running = this.#run();
  }

  /** Waits for the handler that is at work, but not for longer than until another instance takes its event over. */
  async stop(): Promise<void> {
    this.#closing.abort();
    const limit = wait(this.retryAfterMs, undefined, { ref: false });
    await Promise.race([this.#running, limit]);
    await this.group.leave().catch(() => undefined);
    await this.group.close();
  }

  async #ensure(from: '$' | '0'): Promise<void> {
    try {
      await this.group.ensure(from);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const entry = await this.#next();
        this.#isAway = false;
        if (entry) await this.#handle(entry);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error);
        await wait(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** First what others have left lying. */
  async #next(): Promise<StreamEntry | undefined> {
    const untilLook = this.#lookAgainAt - performance.now();
    if (untilLook > 0) return this.group.next(Math.min(untilLook, LONGEST_WAIT_MS));
    const overdue = await this.group.overdue(this.retryAfterMs);
    // There may be more.
    if (!overdue) this.#lookAgainAt = performance.now() + this.retryAfterMs / 4;
    return overdue;
  }

  async #handle(entry: StreamEntry): Promise<void> {
    if (entry.deliveries > MOST_DELIVERIES) return this.#giveUp(entry);
    const where = `, entry ${entry.id} of the stream, group "${this.group.name}", time ${entry.deliveries} of ${MOST_DELIVERIES}`;
    for (const event of this.decode(entry.text)) {
      for (const handler of this.handlers.filter(({ wants }) => wants(event))) {
        if (!(await callHandler(handler, event, where))) return;
      }
    }
    await this.group.done(entry);
  }

  async #giveUp(entry: StreamEntry): Promise<void> {
    this.#logger.error(
      `Entry ${entry.id} of the stream was handed out ${MOST_DELIVERIES} times in group "${this.group.name}" and never handled. It is given up.`,
    );
    await this.group.done(entry);
  }

  /** Redis may be away, or may have lost the group with everything else: whatever the stream holds is new then. */
  async #recover(error: unknown): Promise<void> {
    if (saidBy(error).startsWith('NOGROUP')) await this.#ensure('0');
    else this.#failed(error);
  }

  #failed(error: unknown): void {
    if (!this.#isAway) {
      this.#logger.warn(
        `Events of group "${this.group.name}" wait until it is put right: ${String(error)}`,
      );
    }
    this.#isAway = true;
  }
}
