export { SessionModule } from './session.module.js';
export { SessionService, type DeviceInfo, type SessionInfo } from './session.service.js';
export { SessionError, type SessionErrorCode } from './session.errors.js';
export type {
  SessionCookieOptions,
  SessionLifetimeOptions,
  SessionLimitOptions,
  SessionOptions,
} from './session.options.js';
export type { RedisClient } from './redis-client.js';
export { Session } from './http/session.decorator.js';
export { SessionGuard } from './http/session.guard.js';
export { RequireFreshSignIn } from './http/require-fresh-sign-in.decorator.js';
export { AllowAnonymous } from './http/allow-anonymous.decorator.js';
export type { SignInOptions } from './core/session-context.js';
export type { SessionData, SessionField, NumericSessionField } from './session-data.js';
export type { GoneReason } from './core/record.js';
