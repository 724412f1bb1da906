import type { LocalSessionEvent } from '../core/session-event.js';
import type { SessionIndex } from '../core/session-index.js';
import type { SessionListeners } from '../core/session-listeners.js';
import type { SessionSettings } from '../session.settings.js';
import type { DocumentWriter } from './document-writer.js';
import type { SessionKeys } from './keys.js';
import type { KnownCutoffs } from './known-cutoffs.js';
import type { LimitedSignIns } from './limited-sign-ins.js';
import type { ScriptRunner } from './script-runner.js';
import type { SessionReader } from './session-reader.js';
import type { UserSessions } from './user-sessions.js';

/** What the acts of a repository share. */
export interface RepositoryParts {
  readonly keys: SessionKeys;
  readonly scripts: ScriptRunner;
  readonly users: UserSessions;
  /** Where the sessions of a user are limited. */
  readonly limited: LimitedSignIns | undefined;
  readonly documents: DocumentWriter;
  readonly index: SessionIndex;
  readonly settings: SessionSettings;
  readonly listeners: SessionListeners;
  readonly cutoffs: KnownCutoffs;
  readonly reader: SessionReader;
  /** Asks Redis for its time. */
  readonly askTime: () => Promise<number>;
}

/** Tells the listeners; nothing is made where there are none. */
export async function tell(
  { listeners }: RepositoryParts,
  eventsOf: () => LocalSessionEvent[],
): Promise<void> {
  if (listeners.isHeard) await listeners.tell(eventsOf());
}
