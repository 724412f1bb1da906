import type { SessionErrorCode } from '../session.errors.js';
import type { SessionOutcome } from './outcome.js';
import type { GoneReason } from './record.js';

/**
 * What is published about one act: the same object from `start` to `asyncEnd`. It never holds an id, a token, a user, the name of
 * a field or a value. How long the act took, its listener measures.
 */
export interface SessionMessage<Result, Failure = SessionErrorCode | 'OTHER'> {
  /** What came of it. Not there before `asyncStart`, nor where it failed. */
  result?: Result;
  /** Why it failed: a code and not the error, whose text may name a session or a field. `OTHER` for what code of yours threw. */
  error?: Failure;
}

/**
 * A request asked for its session.
 *
 * `found`: it has one. `none`: it brought no token. `unknown`: its token names nothing, as after the session expired. Otherwise
 * why the session ended, if that was a short while ago.
 */
export type SessionLoadMessage = SessionMessage<'found' | 'none' | 'unknown' | GoneReason>;

/**
 * What a request, or `SessionService.update`, did to a session was written. `unchanged` means that another request had done it
 * already. Where there is nothing to write, nothing is told.
 */
export interface SessionSaveMessage extends SessionMessage<SessionOutcome['kind']> {
  /** How often somebody else had written the same fields meanwhile, so that its updates ran again. */
  conflicts: number;
}

/** A response was held back until its session was saved. `result` is what was done to the session. */
export type SessionHoldMessage = SessionMessage<SessionOutcome['kind']>;

/** A session was kept alive, beside the handler. `gone`: it had ended. */
export type SessionTouchMessage = SessionMessage<'kept' | 'gone'>;

/** Sessions were ended from outside. `result` is how many were alive; 0 of `all`, whose sessions end when they are read. */
export interface SessionRevokeMessage extends SessionMessage<number> {
  /** What was called: `revoke` (`session`), `revokeAllOfUser` (`user`), `revokeAll` (`all`) or `SessionSearch.revokeWhere` (`search`). */
  readonly of: 'session' | 'user' | 'all' | 'search';
}

/**
 * A command or a script was sent to Redis, or would have been.
 *
 * `error` is what Redis said first, such as `READONLY`; or, in small letters, `timeout` (no answer in time), `connection` (it was
 * lost, or there is none), `resting` (Redis did not answer a moment ago, so it was not asked), `out_of_step` (the answer was to
 * something else), `not_durable` (carried out, and not as safe as was asked for), `other`.
 */
export interface SessionStoreMessage extends SessionMessage<undefined, string> {
  /** The command, in capitals; `undefined` as long as nothing was sent. */
  operation?: string;
  /** The name of the script, where the command runs one. */
  script?: string;
  /** The host that the client is set to; `undefined` where there are several, as with Sentinel or a Cluster. */
  readonly address: string | undefined;
  /** Its port. */
  readonly port: number | undefined;
  /** The number of the database. */
  readonly database: number;
}

/**
 * What the library publishes to tracing channels of `node:diagnostics_channel`, each by `start`, `end`, `asyncStart`, `asyncEnd` and
 * `error`. They belong to the process. Where nobody listens, nothing is made.
 */
export interface SessionChannels {
  /** A request asks for its session. */
  'nestjs-redis-session:load': SessionLoadMessage;
  /** What was done to a session is written. */
  'nestjs-redis-session:save': SessionSaveMessage;
  /** A response waits until its session is saved. */
  'nestjs-redis-session:hold': SessionHoldMessage;
  /** A session is kept alive. */
  'nestjs-redis-session:touch': SessionTouchMessage;
  /** Sessions are ended from outside. */
  'nestjs-redis-session:revoke': SessionRevokeMessage;
  /** Redis is asked. */
  'nestjs-redis-session:store': SessionStoreMessage;
}
