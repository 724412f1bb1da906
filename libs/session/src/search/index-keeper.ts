import { Inject, Injectable } from '@nestjs/common';
import { IndexStore } from '../core/index-store.js';
import { SessionIndex } from '../core/session-index.js';
import type { SkippedSessions } from '../core/skipped-sessions.js';
import { SessionError } from '../session.errors.js';
import { SessionSettings } from '../session.settings.js';
import { IndexFiller, percentOf, type Progress } from './index-filler.js';
import { schemaOf } from './schema.js';

/** Nobody has said so for so long: whoever used that index is not running any more. */
const UNUSED_MS = 180_000;

/** How long it is taken for granted that no other version of the application writes, when there was none. */
const QUIET_MS = 20;

/** How the index is. */
export interface IndexStatus {
  /** A digest of the declaration, which the name of the index in Redis ends with. */
  readonly version: string;
  /** Whether every session is in it. */
  readonly isComplete: boolean;
  /** From 0 to 1, while it is being filled. */
  readonly progress: number;
  /** As many as there are sessions in it. */
  readonly documents: number;
  /** What Search has allocated for it, without the documents; `0` where Search does not say. */
  readonly memoryBytes: number;
  /** Sessions that Search could not index, and values that this process could not. */
  readonly failures: number;
  /**
   * Sessions that could not be brought in when the index was filled, so that no search finds them. The instance that filled it tries
   * them again each minute; a touch or a write brings in a session, too.
   */
  readonly skipped: SkippedSessions;
}

/** How to watch the filling of the index, and how to stop it. */
export interface PrepareOptions {
  /** Called, and waited for, after each batch; while another instance fills the index, four times a second. What it throws stops the rest. */
  readonly onProgress?: (progress: Progress) => unknown;
  /** Stops before the next batch, and the promise rejects with an abort error; what was done stays done. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the index and has it filled, lets questions through to it once it is full, and removes one that nobody uses
 * any more. Instances with different declarations run side by side, each with an index of its own.
 */
@Injectable()
export class IndexKeeper {
  /** Called when the index turns out to be gone. */
  onLoss: () => void = () => undefined;

  #isComplete = false;
  #quietUntil = 0;
  /** Whether all documents were right for this declaration when it was last looked. */
  #wasRight = false;

  constructor(
    @Inject(IndexStore) private readonly store: IndexStore,
    @Inject(SessionIndex) private readonly index: SessionIndex,
    @Inject(IndexFiller) private readonly filler: IndexFiller,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
  ) {}

  /** Makes the index if it is not there, fills it if it is not full, and removes those that nobody uses. */
  async prepare({ onProgress = () => undefined, signal }: PrepareOptions = {}): Promise<void> {
    this.assertDeclared();
    await this.store.assertAvailable();
    const { version } = this.index;
    const { completeAt } = await this.store.note(version, { kind: 'look' });
    if (!(await this.store.versions()).includes(version)) {
      await this.store.assertRoom(true);
      // First, or other instances would take the new index for the full one that was there, and answer in part.
      await this.store.note(version, { kind: 'lost', completeAt });
      await this.store.create(version, schemaOf(this.index));
    }
    const { isComplete } = await this.store.note(version, { kind: 'use' });
    if (!isComplete) await this.filler.fill(onProgress, signal);
    this.#isComplete = true;
    await this.#removeUnused();
  }

  /** Asks the index, once it is full and knows what applications with another declaration have written. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      await this.assertComplete();
      if (performance.now() < this.#quietUntil) return await question();
      return await this.#askAndCatchUp(question);
    } catch (error) {
      await this.#lookForLoss(error);
      throw error;
    }
  }

  async #askAndCatchUp<T>(question: () => Promise<T>): Promise<T> {
    const askedAt = performance.now();
    // A question may take Redis long, so it is not asked during the look where it would have to be asked again.
    const isBeside = this.#wasRight;
    // Concurrently: where all is well, none of it costs time. It is asked in this order, so that what was found to be
    // right is so for the question.
    const [, wasRight, answer] = await Promise.all([
      this.#assertStillComplete(),
      this.filler.catchUp(),
      isBeside ? question() : undefined,
    ]);
    this.#wasRight = wasRight;
    if (wasRight) this.#quietUntil = askedAt + QUIET_MS;
    return wasRight && isBeside ? (answer as T) : question();
  }

  /** @throws {SessionError} `SESSION_SEARCH` unless every session is in the index, saying what is missing. */
  async assertComplete(): Promise<void> {
    this.assertDeclared();
    if (!this.#isComplete) await this.#look();
  }

  /** Another instance may have made the index anew: until Search has read all documents, its answers are partial. */
  async #assertStillComplete(): Promise<void> {
    await this.#look().catch((error: unknown) => {
      if (error instanceof SessionError && error.code === 'SESSION_SEARCH') this.#lost();
      throw error;
    });
  }

  async #look(): Promise<void> {
    const { version } = this.index;
    const { isComplete, done, total } = await this.store.note(version, { kind: 'look' });
    if (isComplete) {
      this.#isComplete = true;
      return;
    }
    await this.store.assertAvailable();
    const how = this.settings.preparesIndexAtStart
      ? `It is being filled: ${percentOf({ done, total })} % of the keys have been looked at. Try again later.`
      : 'Call SessionSearch.prepare() once, from a place that may: the option prepareIndexAtStart is false.';
    throw new SessionError('SESSION_SEARCH', `The index does not hold all sessions yet. ${how}`);
  }

  async status(): Promise<IndexStatus> {
    this.assertDeclared();
    await this.store.assertAvailable();
    const { version, failures } = this.index;
    const [facts, { isComplete, done, total, skipped }] = await Promise.all([
      this.store.facts(version),
      this.store.note(version, { kind: 'look' }),
    ]);
    const { documents, memoryBytes } = facts;
    const progress = isComplete ? 1 : done / Math.max(1, total);
    const allFailures = failures + facts.failures;
    return {
      version,
      isComplete,
      progress,
      documents,
      memoryBytes,
      failures: allFailures,
      skipped,
    };
  }

  assertDeclared(): void {
    if (this.index.version !== '') return;
    throw new SessionError(
      'SESSION_CONFIG',
      'SessionSearch has no index to search. Declare one: SessionModule.forRoot({ index: { tenant: tag("tenant") } }).',
    );
  }

  /** Tells the other instances that this index is in use, and looks whether theirs are. */
  async beat(): Promise<void> {
    const { isComplete } = await this.store.note(this.index.version, { kind: 'use' });
    if (this.#isComplete && !isComplete) this.#lost();
    if (this.#isComplete) await this.filler.retrySkipped();
    if (this.#isComplete && this.settings.preparesIndexAtStart) await this.#removeUnused();
  }

  async #removeUnused(): Promise<void> {
    const others = (await this.store.versions()).filter((other) => other !== this.index.version);
    for (const version of others) {
      const { unusedMs } = await this.store.note(version, { kind: 'look' });
      // It may be so new that its use is not noted yet: the three minutes begin now.
      if (unusedMs === Infinity) await this.store.note(version, { kind: 'use' });
      else if (unusedMs > UNUSED_MS) await this.#retire(version);
    }
  }

  /** The name for people may have stood for it, and would be gone as well. */
  async #retire(version: string): Promise<void> {
    await this.store.drop(version);
    await this.store.pointAliasTo(this.index.version);
  }

  /** Somebody may have removed the index, or emptied Redis. */
  async #lookForLoss(error: unknown): Promise<void> {
    if (!(error instanceof SessionError) || error.code !== 'SESSION_SEARCH') return;
    if (!(await this.#isThere())) this.#lost();
  }

  #lost(): void {
    this.#isComplete = false;
    this.#quietUntil = 0;
    this.onLoss();
  }

  async #isThere(): Promise<boolean> {
    try {
      return (await this.store.versions()).includes(this.index.version);
    } catch {
      // Whoever asked hears of it by the error that brought us here.
      return true;
    }
  }
}
