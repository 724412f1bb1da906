import { setTimeout as wait } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SessionIndex } from '../core/session-index.js';
import { SessionError } from '../session.errors.js';
import { SessionSettings } from '../session.settings.js';
import { percentOf, type Progress } from './index-filler.js';
import { IndexKeeper } from './index-keeper.js';

const HEARTBEAT_MS = 60_000;
const LONGEST_PAUSE_MS = 30_000;

/** Has the index prepared at the start of the application and kept while it runs, without anybody waiting for it. */
@Injectable()
export class IndexCaretaker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('SessionIndex');
  readonly #closing = new AbortController();
  #preparing: Promise<void> | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #isPrepared = false;
  #warnedOf = '';

  constructor(
    @Inject(IndexKeeper) private readonly keeper: IndexKeeper,
    @Inject(SessionIndex) private readonly index: SessionIndex,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.index.version === '') return;
    this.keeper.onLoss = () => this.#prepareInBackground();
    this.#prepareInBackground();
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#closing.abort();
    await this.#preparing;
  }

  #prepareInBackground(): void {
    if (!this.settings.preparesIndexAtStart || this.#closing.signal.aborted) return;
    this.#preparing ??= this.#prepareUntilDone().finally(() => (this.#preparing = undefined));
  }

  /**
   * Redis may be away at the start, which is said elsewhere. Search may not be there, or have no room for the index: each
   * cause is said once, and the heartbeat tries again, since an operator may put it right.
   */
  async #prepareUntilDone(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = 500; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await this.keeper.prepare({ signal, onProgress: this.#reporter() });
        this.#isPrepared = true;
        return;
      } catch (error) {
        if (signal.aborted) return;
        const isAway = error instanceof SessionError && error.code === 'SESSION_STORE';
        if (!isAway) return this.#warnOnce('No search for sessions.', error);
        await wait(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** One line at the beginning, one every few seconds, and one at the end, if it takes that long. */
  #reporter(): (progress: Progress) => void {
    let saidAt = 0;
    return (progress) => {
      const isDone = progress.done >= progress.total;
      if (performance.now() - saidAt < 5000 && !(isDone && saidAt > 0)) return;
      saidAt = performance.now();
      this.#logger.log(`The index of sessions is filled to ${percentOf(progress)} %.`);
    };
  }

  async #beat(): Promise<void> {
    if (!this.#isPrepared && this.settings.preparesIndexAtStart) return this.#prepareInBackground();
    try {
      await this.keeper.beat();
    } catch (error) {
      // That Redis is away is said elsewhere; a missed beat does no harm.
      if (error instanceof SessionError && error.code === 'SESSION_STORE') return;
      this.#warnOnce('The index of sessions could not be looked after.', error);
    }
  }

  #warnOnce(what: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    // It may say how much memory is used, which is another number each time.
    const cause = text.replace(/\d+/g, '');
    if (cause === this.#warnedOf) return;
    this.#warnedOf = cause;
    this.#logger.warn(`${what} ${text}`);
  }
}
