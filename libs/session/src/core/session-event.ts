import type { NewSession, Renewal } from './outcome.js';
import type { GoneReason } from './record.js';
import type { SessionId } from './token.js';

/** What every event says. */
export interface SessionEventFacts {
  /** The public id: it names the session and opens nothing. */
  readonly sessionId: SessionId;
  /** Whose session it is, or was; `undefined` for a guest's. */
  readonly userId: string | undefined;
  /** When it happened, in epoch milliseconds by the clock of Redis. */
  readonly at: number;
}

/** A session began in which nobody has signed in: a guest's, or one that was adopted (`adoptFrom`). */
export interface SessionCreated extends SessionEventFacts {
  /** Tells it from the other events. */
  readonly type: 'created';
  /** The names of the fields that it began with; never their values. */
  readonly fields: readonly string[];
  /** Whether it goes on with what another library kept. Its user may be signed in, and proved nothing by it. */
  readonly isAdopted: boolean;
}

/** A user signed in, and was not signed in in that session before. */
export interface SessionSignedIn extends SessionEventFacts {
  /** Tells it from the other events. */
  readonly type: 'signed-in';
  /** The names of the fields that were written in the same step; never their values. */
  readonly fields: readonly string[];
  /** The session of the guest who this user was until then; it has ended. `undefined` if nothing went along. */
  readonly previousId: SessionId | undefined;
}

/** A session goes on under a new id: its token had aged, `renew()` was called, or its user confirmed who they are. */
export interface SessionRenewed extends SessionEventFacts {
  /** Tells it from the other events. */
  readonly type: 'renewed';
  /** The names of the fields that were written in the same step; never their values. */
  readonly fields: readonly string[];
  /** The id that it had until then. */
  readonly previousId: SessionId;
}

/** Fields of a session were written. */
export interface SessionChanged extends SessionEventFacts {
  /** Tells it from the other events. */
  readonly type: 'changed';
  /** The names of the fields that were written or removed; never their values. */
  readonly fields: readonly string[];
}

/** The visitor ended the session: by `destroy()`, or another user signed in in their place. */
export interface SessionSignedOut extends SessionEventFacts {
  /** Tells it from the other events. */
  readonly type: 'signed-out';
}

/** Somebody else ended the session. */
export interface SessionRevoked extends SessionEventFacts {
  /** Tells it from the other events. */
  readonly type: 'revoked';
  /** `evicted` makes room for a sign-in at the limit (`maxSessionsPerUser`); everything else is `revoked`. */
  readonly reason: Extract<GoneReason, 'revoked' | 'evicted'>;
}

/** What became of a session by an act of this process, as the store answered. */
export type LocalSessionEvent =
  | SessionCreated
  | SessionSignedIn
  | SessionRenewed
  | SessionChanged
  | SessionSignedOut
  | SessionRevoked;

/** A session that began by itself, not in the place of another. */
export function beginningOf(
  { id, userId, isAdopted = false }: NewSession,
  fields: Iterable<string>,
  at: number,
): LocalSessionEvent {
  const facts = { sessionId: id, userId, at, fields: [...fields] };
  if (userId === undefined || isAdopted) return { type: 'created', ...facts, isAdopted };
  return { type: 'signed-in', ...facts, previousId: undefined };
}

/** A session that goes on under a new id, or is that of another user from then on. */
export function renewalOf(
  { from, next, keepsData, changes }: Renewal,
  at: number,
): LocalSessionEvent {
  const { id, userId } = next;
  const facts = { sessionId: id, userId, at, fields: [...changes.keys()] };
  if (from.userId === userId) return { type: 'renewed', ...facts, previousId: from.id };
  return { type: 'signed-in', ...facts, previousId: keepsData ? from.id : undefined };
}

/** Sessions that ended. @returns nothing for what goes on elsewhere: that is told as its renewal. */
export function endingsOf(
  ids: readonly SessionId[],
  userId: string | undefined,
  reason: GoneReason,
  at: number,
): LocalSessionEvent[] {
  if (reason === 'renewed') return [];
  return ids.map((sessionId) =>
    reason === 'signed-out'
      ? { type: reason, sessionId, userId, at }
      : { type: 'revoked', sessionId, userId, at, reason },
  );
}
