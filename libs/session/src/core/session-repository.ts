import type { Expectations, SessionChanges } from './changes.js';
import type { Durability } from './durability.js';
import type { NewSession, Renewal } from './outcome.js';
import type { GoneReason, GoneSession, SessionRecord, UnreadableSession } from './record.js';
import type { CutoffRequest } from './session-cutoffs.js';
import { SessionListeners } from './session-listeners.js';
import { createToken, type SessionId, type SessionToken } from './token.js';

/** What became of a write. A miss and a conflict are answers, not errors. */
export type WriteResult =
  | {
      /** All of it was written. */
      readonly kind: 'saved';
    }
  | {
      /** There is no such session any more; nothing was written. */
      readonly kind: 'gone';
    }
  | {
      /** The user has as many sessions as they may; nothing was written. */
      readonly kind: 'limit';
    }
  | {
      /** Somebody else wrote fields that were to hold something else; nothing was written. */
      readonly kind: 'conflict';
      /** These fields, and the JSON text that each holds now. */
      readonly current: ReadonlyMap<string, string | undefined>;
      /** Of a renewal: the session has moved here, with all but these fields as the request wanted them. */
      readonly movedTo?: SessionId;
    };

/** What became of a sign-out everywhere. */
export interface SignOutEverywhere {
  /** Sessions that were alive, of those that are known. */
  readonly ended: number;
  /** What the user proved before it is void. */
  readonly epoch: string;
}

/** A part of the store that can fail by itself, such as a shard of a Cluster. */
export interface StorePart {
  /** A token, of no session, whose session would be there. */
  readonly token: SessionToken;
  /** Which share of the sessions is there. */
  readonly share: number;
}

/**
 * Where sessions live. An abstract class, so that one name is contract and injection token.
 *
 * Every method is one atomic step in the store, unless it says otherwise. All of them reject with `SESSION_STORE`
 * when the store did not answer: that is never the same as "there is no such session".
 *
 * Whatever it did is told to its listeners as the store answered, each act once. A write that was refused, that met a conflict or
 * whose answer was lost tells nothing.
 */
export abstract class SessionRepository {
  /** Who hears what becomes of sessions by what is done here; those of the durable one are the same. */
  readonly listeners: SessionListeners = new SessionListeners();

  /**
   * The same sessions. What is written through this one is answered only when it is that safe; otherwise the write
   * rejects with `SESSION_STORE`, although it was carried out.
   */
  abstract durable(durability: Durability): SessionRepository;

  /** The time by the clock of the store as well as it is known here, in epoch milliseconds. */
  abstract now(): number;

  /**
   * One session, as the store holds it.
   *
   * @param only the fields that are wanted, where the others are not.
   * @returns `undefined` when there is no such session; expired, ended and never existed look the same, and so does one that
   *   cannot be read: `whyGone` tells that.
   */
  abstract read(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined>;

  /**
   * Why a session that is not there ended, if that was a short while ago. Makes sure that it is not there: rejects with
   * `SESSION_STORE` if it is, for then whoever found nothing was told about something else.
   */
  abstract whyGone(id: SessionId): Promise<GoneSession | UnreadableSession | undefined>;

  /**
   * Starts the idle timeout anew.
   *
   * @returns `false` when the session is gone; it is never brought back.
   */
  abstract touch(record: SessionRecord): Promise<boolean>;

  /**
   * The visitor has the new token of a session that was renewed because the old one had aged: the old one leads there no longer,
   * but for requests under way.
   */
  abstract confirm(record: SessionRecord): Promise<void>;

  /** Begins a session under an id that must be free, also of one that ended a short while ago, with these fields. */
  abstract create(session: NewSession, fields: ReadonlyMap<string, string>): Promise<WriteResult>;

  /** Writes what a request changed: all of it, or nothing, as when a field does not hold what is expected. */
  abstract commit(
    id: SessionId,
    changes: SessionChanges,
    expected?: Expectations,
  ): Promise<WriteResult>;

  /**
   * Moves a session to a new id and ends the old one. What others wrote to the old session until then goes along.
   * Where old and new live in different slots (a guest signs in), three steps: begin the new one, end the old one,
   * bring over what was written in between.
   */
  abstract renew(renewal: Renewal): Promise<WriteResult>;

  /**
   * Ends sessions of one user, or of nobody.
   *
   * @returns how many were alive.
   */
  abstract revoke(
    ids: readonly SessionId[],
    userId: string | undefined,
    reason: GoneReason,
  ): Promise<number>;

  /** Ends a session, unless a field does not hold what is expected. */
  abstract revokeIf(
    record: SessionRecord,
    reason: GoneReason,
    expected: Expectations,
  ): Promise<WriteResult>;

  /**
   * Makes what Search sees of a session anew. Not one atomic step.
   *
   * @returns `false` when there is no such session.
   */
  abstract reindex(id: SessionId): Promise<boolean>;

  /**
   * Ends all sessions of a user but the one to spare. First whatever the user authenticated before now is declared
   * void, in one step; then the sessions that are known go, in batches. So a sign-in or a renewal that is under way
   * cannot slip through, and a session that the user's set has lost dies at its next touch.
   *
   * @returns how many were alive, of those that are known, and the moment of it.
   */
  abstract revokeAllOfUser(userId: string, except?: SessionId): Promise<SignOutEverywhere>;

  /**
   * Makes sessions invalid that are from before a moment: of a user by when they authenticated, of a guest by when it began. When the
   * promise resolves, no read that begins afterwards finds one of them, through whichever instance. Each ends when it is read. What
   * is under way with one that was read before is carried out.
   *
   * A moment ahead of the clock of the store counts as now. A call with an earlier moment than one before changes nothing.
   */
  abstract revokeAll(request: CutoffRequest): Promise<void>;

  /** The ids that are kept for a user; some may be dead. */
  abstract idsOfUser(userId: string): Promise<SessionId[]>;

  /** The time by the clock of the store, asked now, with its fraction of a millisecond. */
  abstract time(): Promise<number>;

  /** The parts of the store, as far as they are known here; not more than 64 of them. */
  parts(): readonly StorePart[] {
    return [{ token: createToken(), share: 1 }];
  }

  /**
   * Asks the store whether it is there.
   *
   * @returns how long the answer took, in milliseconds.
   */
  abstract ping(): Promise<number>;
}
