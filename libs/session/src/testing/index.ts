/**
 * Tests without Redis, and signing in without a sign-in.
 *
 * @module nestjs-redis-session/testing
 */

export { InMemorySessionRepository } from './in-memory-session-repository.js';
export type { ContractClause } from './contract/clause.js';
export { sessionRepositoryContract } from './session-repository-contract.js';
export { signInForTest } from './sign-in-for-test.js';
export type {
  CutoffListener,
  SessionListener,
  SessionListeners,
} from '../core/session-listeners.js';
export {
  SessionRepository,
  type SignOutEverywhere,
  type StorePart,
  type WriteResult,
} from '../core/session-repository.js';
export type { CutoffRequest, FieldText } from '../core/session-cutoffs.js';
export type { Expectations, FieldChange, SessionChanges } from '../core/changes.js';
export type { NewSession, Renewal, SessionOutcome } from '../core/outcome.js';
export type {
  Device,
  GoneSession,
  SessionName,
  SessionRecord,
  UnreadableSession,
} from '../core/record.js';
export type { SessionToken } from '../core/token.js';
export type { Lifetime } from '../session.settings.js';
