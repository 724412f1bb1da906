import type { Lifetime } from '../session.settings.js';
import { applyChanges, type SessionChanges } from './changes.js';
import type { Durability } from './durability.js';
import type { Device, SessionRecord } from './record.js';
import type { SessionId, SessionToken } from './token.js';

/** A session that begins: what the store needs to know of it besides its fields. */
export interface NewSession {
  readonly id: SessionId;
  readonly token: SessionToken;
  readonly userId: string | undefined;
  readonly lifetime: Lifetime;
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

/**
 * The one answer that a session gives at the end of a request. The store and the cookie both act on this value,
 * and on nothing else.
 */
export type SessionOutcome =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'created';
      readonly next: NewSession;
      /** The fields that it begins with. */
      readonly fields: ReadonlyMap<string, string>;
      readonly durability?: Durability | undefined;
    }
  | { readonly kind: 'changed'; readonly id: SessionId; readonly changes: SessionChanges }
  | {
      readonly kind: 'renewed';
      readonly from: SessionRecord;
      readonly next: NewSession;
      /** Whether the user proved who they are: restarts the absolute lifetime. */
      readonly isAuthenticated: boolean;
      /** Whether the old token leads to the session for a few seconds more; never after a sign-in. */
      readonly keepsAlias: boolean;
      /** `false` when another user signs in: nothing of the old session goes along. */
      readonly keepsData: boolean;
      readonly changes: SessionChanges;
      readonly durability?: Durability | undefined;
    }
  | {
      readonly kind: 'destroyed';
      readonly from: SessionRecord;
      readonly durability?: Durability | undefined;
    };

/** A session that moves to a new id. */
export type Renewal = Extract<SessionOutcome, { kind: 'renewed' }>;

/** What a renewed session holds, as far as the request that renews it knows. */
export function fieldsAfter({ from, keepsData, changes }: Renewal): ReadonlyMap<string, string> {
  return applyChanges(keepsData ? from.fields : new Map(), changes);
}
