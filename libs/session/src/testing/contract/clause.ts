import type { SessionRepository } from '../../core/session-repository.js';
import type { SessionLimitOptions } from '../../session.options.js';

/** One behaviour that every repository has. */
export interface ContractClause {
  /** A title for a test. */
  readonly name: string;
  /** What the repository is to be made with; by default any number of sessions. */
  readonly limit?: SessionLimitOptions;
  /** Rejects where the repository does not behave so. What it creates, it leaves. */
  check(repository: SessionRepository): Promise<void>;
}
