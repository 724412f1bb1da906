import { Field } from './core/field.js';
import { expiryOf, type SessionRecord } from './core/record.js';
import { Session } from './core/session.js';
import { assertSynchronous, type Synchronous } from './core/synchronous.js';
import { deviceName } from './device-name.js';
import type { SessionData } from './session-data.js';
import type { SessionSettings } from './session.settings.js';

/** What is known of a session without its fields. */
export type SessionInfoFacts = Omit<SessionInfo, 'data' | 'unreadableFields'>;

/** A session as seen from outside a request. Holds its public id, never its token. */
export interface SessionInfo {
  /** 32 characters, safe to show and to log. {@link SessionService} takes it. */
  readonly id: string;
  /** Whose it is; `undefined` for guests. */
  readonly userId: string | undefined;
  /** By the clock of Redis. Of a guest who signs in it starts anew; a new token does not change it. */
  readonly createdAt: Date;
  /** Exact to `touchIntervalSeconds`. */
  readonly lastSeenAt: Date;
  /** When it ends if no further request comes. */
  readonly expiresAt: Date;
  /** How long that is from now, by the clock of Redis as well as it is known here. */
  readonly expiresInSeconds: number;
  /** From where it was signed in, at most 64 characters; `undefined` for guests, and where `recordDevice` is off. */
  readonly address: string | undefined;
  /** The first 256 characters of `User-Agent` at sign-in; `undefined` where `address` is. */
  readonly agent: string | undefined;
  /** The agent in a few words, such as `Chrome on Linux`. */
  readonly deviceName: string | undefined;
  /** The fields that hold something, decoded. */
  readonly data: Readonly<Partial<SessionData>>;
  /** Fields that are not in `data` because they do not hold JSON: something else wrote them. Usually none. */
  readonly unreadableFields: readonly string[];
}

/** @param now by the clock of Redis, as well as it is known here. */
export function infoOf(record: SessionRecord, settings: SessionSettings, now: number): SessionInfo {
  const fields = [...record.fields].map(([name, text]) => new Field(name, text));
  const data = fields
    .filter(({ isReadable }) => isReadable)
    .map(({ name, value }) => [name, value]);
  const unreadableFields = fields.filter(({ isReadable }) => !isReadable).map(({ name }) => name);
  return { ...factsOf(record, settings, now), data: Object.fromEntries(data), unreadableFields };
}

/** The same without fields. */
export function factsOf(
  record: SessionRecord,
  { touchIntervalMs }: SessionSettings,
  now: number,
): SessionInfoFacts {
  const { id, userId, device } = record;
  const expiresAt = expiryOf(record, touchIntervalMs);
  return {
    id,
    userId,
    createdAt: new Date(record.createdAt),
    lastSeenAt: new Date(record.lastSeenAt),
    expiresAt: new Date(expiresAt),
    expiresInSeconds: Math.max(0, Math.round((expiresAt - now) / 1000)),
    address: device.address,
    agent: device.agent,
    deviceName: deviceName(device.agent),
  };
}

/** The session as a request would have it, for changes that come from outside of one; without a record a stranger's. */
export function sessionOf(record: SessionRecord | undefined, settings: SessionSettings): Session {
  const device = { address: undefined, agent: undefined };
  return new Session(record, { ...settings, device, startedAt: performance.now() });
}

/**
 * Changes a session as a caller outside a request asks for it.
 *
 * @param method what the caller called, for the error.
 * @throws {SessionError} `SESSION_STATE` when the function is not synchronous.
 */
export function applyTo(
  session: Session,
  changes: Partial<SessionData> | ((session: Session) => Synchronous),
  method: string,
): void {
  if (typeof changes !== 'function') return session.setAll(changes);
  assertSynchronous(changes(session), `The function given to ${method}`);
}
