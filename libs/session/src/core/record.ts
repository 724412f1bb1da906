import type { Lifetime } from '../session.settings.js';
import type { SessionId } from './token.js';

/** Two clocks that differ by more: one of them was set. */
export const CLOCK_STEP_MS = 1000;

/** From where a session was signed in, for the list of a user's devices. */
export interface Device {
  /** The IP address, as the platform sees it, cut to 64 characters. */
  readonly address: string | undefined;
  /** The `User-Agent` header, cut to 256 characters. */
  readonly agent: string | undefined;
}

/** Which session, and whose: all that is needed to end it. */
export type SessionName = Pick<SessionRecord, 'id' | 'userId'>;

/** A session as the store holds it. All moments are epoch milliseconds by the clock of the store. */
export interface SessionRecord {
  /** Its public name. */
  readonly id: SessionId;
  /** When it began; a new token does not change that. */
  readonly createdAt: number;
  /** Exact to the touch interval. */
  readonly lastSeenAt: number;
  /** For how long it may be left alone. */
  readonly idleSeconds: number;
  /** The absolute end, whatever happens until then. */
  readonly deadlineAt: number;
  /** Whose it is; `undefined` for a guest. */
  readonly userId: string | undefined;
  /** When the user last proved who they are. */
  readonly authenticatedAt: number | undefined;
  /** Whether the user asked to be remembered when they signed in. */
  readonly isRemembered: boolean;
  /** When it got the token that it has. */
  readonly tokenAt: number;
  /** The id that it had, while nothing shows that the visitor has got the new token. */
  readonly formerId: SessionId | undefined;
  /** From where it was signed in. */
  readonly device: Device;
  /** The application's fields, still as JSON text. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Why a session is not there any more. */
export type GoneReason = 'renewed' | 'signed-out' | 'revoked' | 'evicted';

/** What is remembered of a session that ended, for a minute or a few: nothing of what it held. */
export interface GoneSession {
  /** What ended it. */
  readonly reason: GoneReason;
  /** Where it lives on, if it was only given a new token. */
  readonly successor: SessionId | undefined;
  /** The session of the user whom this session's guest became. It opens to nobody who has only the old token. */
  readonly signedInAs: SessionId | undefined;
  /** Whether the old token may lead there, after a periodic renewal: until the new one was seen, and for ten seconds. */
  readonly isAlias: boolean;
}

/**
 * A session that is there and cannot be read here, because another version of this library wrote it. It is left alone for the
 * instances that can read it, and can be ended.
 */
export interface UnreadableSession {
  /** Always so. */
  readonly reason: 'unreadable';
  /** Whose it is; `undefined` for a guest. */
  readonly userId: string | undefined;
  /** It goes on nowhere else. */
  readonly successor: undefined;
  /** Nor here. */
  readonly signedInAs: undefined;
  /** So its token leads nowhere. */
  readonly isAlias: false;
}

/** When a session was last seen, and how long it may live. */
export type Term = Pick<SessionRecord, 'lastSeenAt' | 'idleSeconds' | 'deadlineAt'>;

/** The lifetimes that the settings allow by now. */
export interface Limits {
  readonly lifetime: Lifetime;
  /** For a user who asked to be remembered. */
  readonly rememberedLifetime: Lifetime;
}

/**
 * The shorter of what a session was promised when it began and of what the settings allow by now. Its absolute lifetime
 * counts from when it began or its user last proved who they are. The script `touch` goes by the same rule.
 */
export function termOf(record: SessionRecord, limits: Limits): Term {
  const { idleSeconds, absoluteSeconds } = limitOf(record, limits);
  const begunAt = Math.max(record.createdAt, record.authenticatedAt ?? 0);
  return {
    lastSeenAt: record.lastSeenAt,
    idleSeconds: Math.min(record.idleSeconds, idleSeconds),
    deadlineAt: Math.min(record.deadlineAt, begunAt + absoluteSeconds * 1000),
  };
}

export function limitOf(
  { isRemembered }: Pick<SessionRecord, 'isRemembered'>,
  { lifetime, rememberedLifetime }: Limits,
): Lifetime {
  return isRemembered ? rememberedLifetime : lifetime;
}

/** How long requests may come with the old token that were under way when the new one was handed out. */
export const UNDER_WAY_MS = 10_000;

/**
 * Whether a token that was replaced because it had aged still leads to the session. The one answer with the new token may have been
 * lost, so it does until the new one was seen; then no longer than requests are under way.
 *
 * @param now by the clock of the store.
 */
export function acceptsFormer(
  { formerId, tokenAt }: SessionRecord,
  former: SessionId,
  now: number,
): boolean {
  return formerId === former || now - tokenAt < UNDER_WAY_MS;
}

/** When a session ends if no further request comes. */
export function expiryOf(record: Term, touchIntervalMs: number): number {
  return Math.min(
    record.lastSeenAt + record.idleSeconds * 1000 + touchIntervalMs,
    record.deadlineAt,
  );
}
