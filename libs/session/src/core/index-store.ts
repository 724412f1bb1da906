import type { SkippedSessions } from './skipped-sessions.js';
import type { SessionId } from './token.js';

export interface IndexFacts {
  readonly documents: number;
  readonly memoryBytes: number;
  /** Documents that Search could not index. */
  readonly failures: number;
  /** Whether Search is still reading documents that were there before the index. */
  readonly isScanning: boolean;
}

/** An index as the store knows it, whoever declared it. */
export interface StoredIndex {
  readonly version: string;
  /** The names of its fields that are made of tags. */
  readonly tags: readonly string[];
}

/** How far the filling of an index is, as all instances know it. */
export interface FillState {
  readonly isComplete: boolean;
  /** When it was, which tells one completion from another; `''` while it is not complete. */
  readonly completeAt: string;
  /** Keys that were looked at, of how many. */
  readonly done: number;
  readonly total: number;
  /** Whether another instance is at it. */
  readonly isTaken: boolean;
  /** How long ago an instance last said that it uses this index, in milliseconds; `Infinity` for never. */
  readonly unusedMs: number;
  /** By the instance that filled it. */
  readonly skipped: SkippedSessions;
}

/** What an instance tells the others about an index. */
export type FillNote =
  | { readonly kind: 'look' }
  | { readonly kind: 'use' }
  /** This instance fills it no more. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'skipped'; readonly skipped: SkippedSessions }
  /** The index of that completion is gone. */
  | { readonly kind: 'lost'; readonly completeAt: string }
  | { readonly kind: 'fill' | 'complete'; readonly done: number; readonly total: number };

/**
 * The indexes of the store, and the sessions that belong in them. An abstract class, so that one name is contract and
 * injection token. An index is called by the version of its declaration.
 */
export abstract class IndexStore {
  /** @throws {SessionError} `SESSION_SEARCH`, saying what is missing and what to do. */
  abstract assertAvailable(): Promise<void>;

  /** The indexes that there are. */
  abstract versions(): Promise<string[]>;

  /**
   * @param isNew whether there is room for all of a new index; else whether an index that is being filled may grow.
   * @throws {SessionError} `SESSION_SEARCH` where filling an index would leave no memory for sessions.
   */
  abstract assertRoom(isNew: boolean): Promise<void>;

  /** Does nothing where it is there already. */
  abstract create(version: string, schema: readonly string[]): Promise<void>;

  /** Removes an index and what is noted of it, no documents. */
  abstract drop(version: string): Promise<void>;

  /** Makes the name without a version, for people and dashboards, stand for this index. */
  abstract pointAliasTo(version: string): Promise<void>;

  /** The index that this name stands for; `undefined` where it stands for none. */
  abstract inUse(): Promise<StoredIndex | undefined>;

  abstract facts(version: string): Promise<IndexFacts>;

  /** All sessions that there are, in batches, and how many keys of all were looked at; some may come twice. */
  abstract allSessions(): AsyncGenerator<{
    readonly ids: SessionId[];
    readonly scanned: number;
    readonly total: number;
  }>;

  /** Of these sessions the ones whose document is not right for a version. */
  abstract unindexed(version: string, ids: readonly SessionId[]): Promise<SessionId[]>;

  abstract note(version: string, note: FillNote): Promise<FillState>;
}
