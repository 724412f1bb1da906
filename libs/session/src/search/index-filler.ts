import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { IndexStore } from '../core/index-store.js';
import { SearchEngine } from '../core/search-engine.js';
import { SessionIndex } from '../core/session-index.js';
import { SessionRepository } from '../core/session-repository.js';
import { type SkipReason, totalSkipped, wordsOfSkipped } from '../core/skipped-sessions.js';
import type { SessionId } from '../core/token.js';
import { isOfContent } from './of-content.js';
import { queryForOutdated } from './outdated.js';
import { SkippedList } from './skipped-list.js';

/** How far something is that takes a while. */
export interface Progress {
  /** What was looked at: sessions, or keys of Redis while the index is filled. */
  readonly done: number;
  /** About how many there are. */
  readonly total: number;
}

export function percentOf({ done, total }: Progress): number {
  return total === 0 ? 0 : Math.floor((100 * done) / total);
}

const AT_ONCE = 100;
const ATTEMPTS = 3;
const NOTE_EVERY_MS = 1000;
const LOOK_EVERY_MS = 250;
const PAGE = 500;

type OnProgress = (progress: Progress) => unknown;

/** Makes documents of sessions that have none, or none that is right for this declaration. */
@Injectable()
export class IndexFiller {
  readonly #logger = new Logger('SessionIndex');
  readonly #skipped = new SkippedList();
  #lastRefusal = '';

  constructor(
    @Inject(IndexStore) private readonly store: IndexStore,
    @Inject(SearchEngine) private readonly engine: SearchEngine,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionIndex) private readonly index: SessionIndex,
  ) {}

  /** Looks at every session, unless another instance does; then it waits until that one is done. */
  async fill(onProgress: OnProgress, signal?: AbortSignal): Promise<void> {
    const { version } = this.index;
    for (;;) {
      const state = await this.store.note(version, { kind: 'fill', done: 0, total: 0 });
      if (state.isComplete) return;
      if (!state.isTaken) break;
      await onProgress(state);
      await wait(LOOK_EVERY_MS, undefined, { signal });
    }
    try {
      this.#skipped.clear();
      const progress = await this.#fillAll(onProgress, signal);
      for (let attempt = 1; attempt < ATTEMPTS && this.#skipped.ids.length > 0; attempt++) {
        await wait(LOOK_EVERY_MS, undefined, { signal });
        await this.#bring(this.#skipped.ids);
      }
      while ((await this.store.facts(version)).isScanning) {
        await wait(LOOK_EVERY_MS, undefined, { signal });
      }
      await this.store.pointAliasTo(version);
      await this.store.note(version, { kind: 'skipped', skipped: this.#skipped.counts });
      await this.store.note(version, { kind: 'complete', ...progress });
      this.#report();
    } catch (error) {
      // Another instance need not wait until this one counts as dead. If Redis is away, it does.
      await this.store.note(version, { kind: 'stop' }).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Applications with another declaration, as while a new version is rolled out, leave documents that are not right
   * for this one. Their tags tell; where there are none this is one quick command.
   *
   * @returns `false` when there may have been documents that were not right; now there are none, but of sessions that are skipped. Who made them right
   *   does not matter: another instance may have done so while a question was under way.
   */
  async catchUp(): Promise<boolean> {
    const { version } = this.index;
    const query = await queryForOutdated(this.engine, version);
    if (!query) return true;
    for (let offset = 0; ;) {
      const page = { offset, size: PAGE, sort: undefined };
      const { ids } = await this.engine.find(version, query, page);
      if (ids.length === 0) return false;
      // Of sessions that have just ended, whose documents end with them, or that are skipped.
      const tried = ids.filter((id) => !this.#skipped.has(id));
      offset += ids.length - (await this.#bring(tried));
    }
  }

  /** Tries again to bring in the sessions that this instance has skipped. Nothing is sent where there are none. */
  async retrySkipped(): Promise<void> {
    const { ids } = this.#skipped;
    if (ids.length === 0) return;
    await this.#bring(ids);
    const skipped = this.#skipped.counts;
    await this.store.note(this.index.version, { kind: 'skipped', skipped });
  }

  async #fillAll(onProgress: OnProgress, signal: AbortSignal | undefined): Promise<Progress> {
    let progress: Progress = { done: 0, total: 0 };
    let notedAt = performance.now();
    for await (const { ids, scanned, total } of this.store.allSessions()) {
      signal?.throwIfAborted();
      await this.store.assertRoom(false);
      await this.#bring(await this.store.unindexed(this.index.version, ids));
      progress = { done: scanned, total };
      await onProgress(progress);
      if (performance.now() - notedAt < NOTE_EVERY_MS) continue;
      notedAt = performance.now();
      await this.store.note(this.index.version, { kind: 'fill', ...progress });
    }
    return { done: progress.done, total: progress.done };
  }

  /** @returns how many documents were made. */
  async #bring(ids: readonly SessionId[]): Promise<number> {
    let made = 0;
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const batch = ids.slice(at, at + AT_ONCE);
      const results = await Promise.all(batch.map((id) => this.#bringOne(id)));
      batch.forEach((id, i) => {
        const result = results[i]!;
        if (result === 'made') made++;
        if (result === 'made' || result === 'ended') this.#skipped.remove(id);
        else this.#skipped.add(id, result);
      });
    }
    return made;
  }

  /** One session that cannot be brought in keeps no other from it. What would refuse any session is thrown. */
  async #bringOne(id: SessionId): Promise<'made' | 'ended' | SkipReason> {
    try {
      if (await this.repository.reindex(id)) return 'made';
    } catch (error) {
      if (!isOfContent(error)) throw error;
      this.#lastRefusal = ` Session ${id}: ${error.message}`;
      return 'refused';
    }
    if (await this.repository.read(id, [])) return 'contested';
    const gone = await this.repository.whyGone(id);
    return gone?.reason === 'unreadable' ? 'unreadable' : 'ended';
  }

  #report(): void {
    const { counts } = this.#skipped;
    if (totalSkipped(counts) === 0) return;
    this.#logger.warn(
      `${wordsOfSkipped(counts)}, so searches do not find them.${counts.refused > 0 ? this.#lastRefusal : ''} They are tried again each minute; SessionSearch.status() counts them.`,
    );
  }
}
