import type { ExecutionContext } from '@nestjs/common';
import type { Session } from '../core/session.js';

/** What guards and parameters ask of a session, be it that of a request or of whatever else a handler is called for. */
export interface AskedSession {
  /** @param only the fields that are wanted, where the others are not. */
  load(only?: ReadonlySet<string>): Promise<Session>;
  /** The same, but for a stranger's session while Redis does not answer. */
  loadOrCarryOn(only?: ReadonlySet<string>): Promise<Session>;
  /** How long ago the user proved who they are; `undefined` for a guest. */
  secondsSinceProof(only?: ReadonlySet<string>): Promise<number | undefined>;
}

/** Where the session is in the contexts of one type, and how a handler's caller there is told what went wrong. */
export interface ContextKind<Asked extends AskedSession = AskedSession> {
  /** @throws {SessionError} `SESSION_STATE` where there is none. */
  sessionOf(context: ExecutionContext): Asked;
  /** What is thrown in place of an error: of the library, or of a guard that refuses. */
  errorFor(error: unknown, asked: Asked): unknown;
}
