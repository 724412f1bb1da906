/**
 * The module, its decorators and guard, and the services: what an application needs to keep sessions.
 *
 * @module nestjs-redis-session
 */

export { SessionModule } from './session.module.js';
export {
  SessionService,
  type DeviceInfo,
  type ListByUserOptions,
  type RevokeAllOfUserOptions,
  type RevokeAllOptions,
  type RevokeOptions,
} from './session.service.js';
export type { SessionInfo } from './session-info.js';
export { SessionSearch } from './search/session-search.js';
export type { FindOptions, FindResult } from './search/find-options.js';
export type { MassActionOptions, MassActionResult } from './search/mass-action.js';
export type { IndexStatus, PrepareOptions } from './search/index-keeper.js';
export type { SkippedSessions } from './core/skipped-sessions.js';
export type { Progress } from './search/index-filler.js';
export { and, not, or, type Combination, type SessionFilter } from './search/filter.js';
export { matches, type Matches } from './search/conditions/matches.js';
export { has, oneOf, type OneOf } from './search/conditions/one-of.js';
export {
  atLeast,
  atMost,
  below,
  between,
  type Moment,
  type Range,
} from './search/conditions/range.js';
export { startsWith, type StartsWith } from './search/conditions/starts-with.js';
export {
  numeric,
  tag,
  tags,
  text,
  type BuiltInIndex,
  type IndexDeclaration,
  type IndexField,
  type IndexKind,
  type Tag,
} from './index-declaration.js';
export { SessionError, type SessionErrorCode } from './session.errors.js';
export type { SessionCookieOptions, SessionCookieScope } from './session-cookie.options.js';
export type {
  NoPromise,
  RedisCredentials,
  SessionLifetimeOptions,
  SessionLimitOptions,
  SessionOptions,
} from './session.options.js';
export type { CookieScope, CookieSettings } from './settings/cookie-settings.js';
export type { RedisClient } from './redis-client.js';
export { Session } from './http/session.decorator.js';
export { SessionGuard } from './http/session.guard.js';
export { RequireFreshSignIn } from './http/require-fresh-sign-in.decorator.js';
export { SessionOptional } from './http/session-optional.decorator.js';
export { AllowAnonymous } from './http/allow-anonymous.decorator.js';
export type { Durability, DurableOptions } from './core/durability.js';
export type { Synchronous } from './core/synchronous.js';
export type { PrintedSession } from './core/session.js';
export type { SignInOptions } from './core/session-context.js';
export type { FormerSession, SessionSource, SourceRequest } from './session-source.js';
export type {
  NumericSessionField,
  SessionData,
  SessionField,
  Storable,
  StorableData,
} from './session-data.js';
export type { GoneReason } from './core/record.js';
export type { SessionId } from './core/token.js';
export type {
  SessionChannels,
  SessionHoldMessage,
  SessionLoadMessage,
  SessionMessage,
  SessionRevokeMessage,
  SessionSaveMessage,
  SessionStoreMessage,
  SessionTouchMessage,
} from './core/session-channels.js';
