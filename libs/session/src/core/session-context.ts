import type { StorableData } from '../session-data.js';
import type { SessionOptions } from '../session.options.js';
import type { Lifetime } from '../session.settings.js';
import type { DurableOptions } from './durability.js';
import type { SizeLimits } from './session-fields.js';
import type { Device, GoneReason, SessionName, SessionRecord } from './record.js';

/** What a session needs to know of its surroundings. */
export interface SessionContext extends SizeLimits {
  readonly lifetime: Lifetime;
  /** For a user who asked to be remembered on this device. */
  readonly rememberedLifetime: Lifetime;
  readonly mergeGuest: SessionOptions['mergeGuest'];
  readonly touchIntervalMs: number;
  /** The clock of the store as well as it is known here, in epoch milliseconds. Default: the clock here. */
  now?(): number;
  readonly device: Device;
  /** When the request began, by `performance.now()`: a sign-in counts from then. */
  readonly startedAt: number;
  /** Whether the store did not answer, and the request carries on as a stranger's. Default `false`. */
  readonly isUnavailable?: boolean;
  /** Names the route of the request, for messages to developers; never what a visitor has sent. */
  readonly route?: string;
}

/** What is known of a session that the visitor's token named and that this request cannot have. */
export interface Gone {
  /** Why it is not there. */
  readonly reason?: GoneReason;
  /** The session that the same visitor's other request signed in to, with what the guest had. */
  readonly signedInAs?: SessionRecord | undefined;
  /** It is there and cannot be read here. It ends when its visitor signs out. */
  readonly behind?: SessionName;
}

/** Options of `session.signIn()`. */
export interface SignInOptions extends DurableOptions {
  /** Whether the session gets the longer lifetimes of the option `remember`. Default `false`. */
  readonly remember?: boolean;

  /** Fields to write in the same step, beside what the session already holds. */
  readonly data?: Partial<StorableData>;
}
