import type { Lifetime } from '../session.settings.js';
import { applyChanges, type SessionChanges } from './changes.js';
import type { Durability } from './durability.js';
import type { Device, SessionName, SessionRecord } from './record.js';
import type { SessionId, SessionToken } from './token.js';

/** A session that begins: what the store needs to know of it besides its fields. */
export interface NewSession {
  /** Made of the token. */
  readonly id: SessionId;
  /** The secret for the cookie. A store never keeps it. */
  readonly token: SessionToken;
  /** Whose it is; `undefined` for a guest. */
  readonly userId: string | undefined;
  /** How long it may live. */
  readonly lifetime: Lifetime;
  /** Whether the user asked to be remembered; kept with the session. Default `false`. */
  readonly isRemembered?: boolean;
  /** From where it is begun. */
  readonly device: Device;
  /**
   * When the user proved who they are, by the monotonic clock of this process (`performance.now()`): what the store
   * gets is how long ago that was, so no clock of an application server is believed.
   */
  readonly provenAt: number;
  /** The sign-out everywhere that the same request made before: the proof came after it, whatever clocks say. */
  readonly afterEpoch: string | undefined;
  /** Whether it goes on with what another library kept: nobody has signed in. Default `false`. */
  readonly isAdopted?: boolean;
}

/** A session that moves to a new id. */
export interface Renewal {
  /** It gets a new token, and with it a new id. */
  readonly kind: 'renewed';
  /** The session as it was read. */
  readonly from: SessionRecord;
  /** What it becomes. */
  readonly next: NewSession;
  /** Whether the user proved who they are: restarts the absolute lifetime. */
  readonly isAuthenticated: boolean;
  /** The id whose token the visitor has, if it leads to the session until the new one was seen; never after a sign-in. */
  readonly alias: SessionId | undefined;
  /** `false` when another user signs in: nothing of the old session goes along. */
  readonly keepsData: boolean;
  /** The fields that the same request wrote. */
  readonly changes: SessionChanges;
  /** How safe it must be before the response leaves. */
  readonly durability?: Durability | undefined;
}

/**
 * The one answer that a session gives at the end of a request. The store and the cookie both act on this value,
 * and on nothing else.
 */
export type SessionOutcome =
  | {
      /** Nothing is to be written. */
      readonly kind: 'unchanged';
    }
  | {
      /** A stranger's session was written to: it begins. */
      readonly kind: 'created';
      /** What begins. */
      readonly next: NewSession;
      /** The fields that it begins with, as JSON. */
      readonly fields: ReadonlyMap<string, string>;
      /** How safe it must be before the response leaves. */
      readonly durability?: Durability | undefined;
    }
  | {
      /** Fields were written. */
      readonly kind: 'changed';
      /** Of which session. */
      readonly id: SessionId;
      /** The fields and what was done to them. */
      readonly changes: SessionChanges;
    }
  | Renewal
  | {
      /** It ends. */
      readonly kind: 'destroyed';
      /** Which, and whose. */
      readonly from: SessionName;
      /** How safe that must be before the response leaves. */
      readonly durability?: Durability | undefined;
    };

/** What a renewed session holds, as far as the request that renews it knows. */
export function fieldsAfter({ from, keepsData, changes }: Renewal): ReadonlyMap<string, string> {
  return applyChanges(keepsData ? from.fields : new Map(), changes);
}
