import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NewSession } from '../core/outcome.js';
import { CLOCK_STEP_MS } from '../core/record.js';
import {
  type CutoffRequest,
  cutoffInTheFuture,
  SessionCutoffs,
  tooManyCutoffs,
} from '../core/session-cutoffs.js';
import type { SessionListeners } from '../core/session-listeners.js';
import type { SessionKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import type { ScriptRunner } from './script-runner.js';
import { LONGEST_STEP_MS, cutOff, readCutoffs } from './scripts/cutoffs.js';

/** How long an instance goes by what it has read, counted from when it asked. */
const LEASE_MS = 2000;

/** How long after a question the next one is sent: so that under load no read waits, at one command a second. */
const PAUSE_MS = 1000;

/** How long a read waits for a server that did not answer the question before. */
const GRACE_MS = 100;

/** For timers that fire early, and clocks that run at different speeds. */
const MARGIN_MS = 50;

/**
 * The cutoffs as this instance knows them: as Redis had them at most two seconds ago. So a cutoff counts on every instance once
 * that time has passed since it was written. Asks only where sessions are read.
 */
export class KnownCutoffs {
  readonly #logger = new Logger('SessionRedis');
  #cutoffs = SessionCutoffs.NONE;
  #version = '';
  /** When the last question that was answered was sent, by `performance.now()`. */
  #askedAt = -Infinity;
  /** An answer to a question from before this does not count. */
  #neededSince = -Infinity;
  /** How far the latest cutoff is ahead of the clock of Redis, by the last answer. */
  #aheadMs = 0;
  #question: Promise<void> | undefined;
  /** When it was sent, or the last one. */
  #sentAt = -Infinity;
  /** When a question failed although sessions may be readable, by `performance.now()`. */
  #failedAt: number | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly scripts: ScriptRunner,
    private readonly keys: SessionKeys,
    private readonly listeners: SessionListeners,
  ) {}

  get current(): SessionCutoffs {
    return this.#cutoffs;
  }

  /** What a read has to wait for before it goes by {@link current}; `undefined` for nothing. */
  whenKnown(): Promise<void> | undefined {
    const now = performance.now();
    const isRecent = now - this.#askedAt < PAUSE_MS && this.#askedAt >= this.#neededSince;
    if (isRecent) return undefined;
    const oldest = Math.max(now - LEASE_MS, this.#neededSince);
    if (this.#failedAt !== undefined) return this.#askInOutage(oldest, now - this.#failedAt);
    if (this.#askedAt < oldest) return this.#askSince(oldest);
    this.#askBehind(oldest);
    return undefined;
  }

  /** One was written: reads from now on ask for it, and what is open is looked at again. */
  noteWritten(): void {
    this.#neededSince = performance.now();
    this.#askBehind(this.#neededSince);
    this.listeners.cutoffsChanged();
  }

  /**
   * Writes a cutoff. Resolves once every instance goes by it.
   *
   * @throws {SessionError} `SESSION_STATE` for a moment in the future, or one cutoff too many.
   */
  async add(request: CutoffRequest, scripts: ScriptRunner): Promise<void> {
    const { status } = await scripts.run((client) => cutOff(client, this.keys, request));
    if (status === 'ahead') throw cutoffInTheFuture();
    if (status === 'full') throw tooManyCutoffs();
    const writtenAt = performance.now();
    this.noteWritten();
    await this.listeners.cutoffWritten();
    for (let left = LEASE_MS + MARGIN_MS; left > 0; left = this.#leftOf(writtenAt)) {
      await wait(Math.ceil(left));
    }
  }

  /**
   * Where the clock of Redis was set back behind a cutoff, a sign-in of now has to count as later. Its moment is put off by as much
   * as the cutoff is ahead.
   */
  countAsLater<S extends Pick<NewSession, 'provenAt'>>(session: S): S {
    if (this.#aheadMs <= CLOCK_STEP_MS) return session;
    return { ...session, provenAt: session.provenAt + this.#aheadMs };
  }

  #leftOf(writtenAt: number): number {
    return writtenAt + LEASE_MS + MARGIN_MS - performance.now();
  }

  /** Sessions on other servers go on: a read waits only as long as a server that is back takes to answer. */
  #askInOutage(oldest: number, sinceMs: number): Promise<void> | undefined {
    if (sinceMs < PAUSE_MS) return undefined;
    this.#askBehind(oldest);
    const leftMs = this.#sentAt + GRACE_MS - performance.now();
    if (leftMs <= 0) return undefined;
    return Promise.race([this.#question, wait(leftMs, undefined, { ref: false })]);
  }

  /** Should it fail, the next read asks again, and fails if that does. */
  #askBehind(moment: number): void {
    this.#askSince(moment).catch(() => undefined);
  }

  /** Until the answer is to a question that was sent after a moment, or a question has failed. */
  async #askSince(moment: number): Promise<void> {
    do await this.#ask();
    while (this.#askedAt < moment && this.#failedAt === undefined);
  }

  #ask(): Promise<void> {
    this.#question ??= this.#askOnce().finally(() => (this.#question = undefined));
    return this.#question;
  }

  /** Rejects where sessions cannot be read either. On a Cluster they may be: another server has them. */
  async #askOnce(): Promise<void> {
    const sentAt = (this.#sentAt = performance.now());
    try {
      const reply = await this.scripts.run((client) =>
        readCutoffs(client, this.keys, this.#version),
      );
      if (reply.status === 'read') this.#learn(reply.rest[0] as string[], reply.now);
      this.#aheadMs = Math.max(0, this.#cutoffs.latest - reply.now);
      this.#askedAt = sentAt;
      if (this.#failedAt !== undefined) this.#logger.log('Cutoffs of sessions can be read again.');
      this.#failedAt = undefined;
    } catch (error) {
      if (!this.connection.isCluster) throw error;
      if (this.#failedAt === undefined) this.#warn(error);
      this.#failedAt = performance.now();
    }
  }

  #learn(texts: readonly string[], now: number): void {
    const entries: [string, number][] = [];
    let version = '';
    for (let i = 0; i < texts.length; i += 2) {
      const [scope, text] = [texts[i]!, texts[i + 1]!];
      if (scope === 'version') version = text;
      else entries.push([scope, momentOf(text, now)]);
    }
    const isChanged = version !== this.#version;
    const readable = entries.filter(([, moment]) => moment > 0);
    this.#cutoffs = entries.length === 0 ? SessionCutoffs.NONE : new SessionCutoffs(readable);
    this.#version = version;
    const unreadable = entries.length - readable.length + this.#cutoffs.unreadable;
    if (isChanged && unreadable > 0) {
      this.#logger.warn(
        `${unreadable} entries of the key ${this.keys.cutoffs} are not cutoffs and have no effect: something else writes to that key. Call revokeAll() again for what has to be invalid.`,
      );
    }
    if (isChanged) this.listeners.cutoffsChanged();
  }

  #warn(error: unknown): void {
    const { message } = error as Error;
    this.#logger.warn(
      `Cutoffs of sessions cannot be read, so revokeAll() of another instance has no effect here until they can. Sessions on other shards go on. ${message}`,
    );
  }
}

/** @returns 0 for what is no moment, or too far in the future to be one. */
function momentOf(text: string, now: number): number {
  const moment = /^\d{1,16}$/.test(text) ? Number(text) : 0;
  return moment <= now + LONGEST_STEP_MS ? moment : 0;
}
