import { Inject, Injectable } from '@nestjs/common';
import { assertDurability, type DurableOptions } from './core/durability.js';
import { type IsSame, isOf, isOfUserOf, nameOnward, readOnward } from './core/going-on-from.js';
import { decodeValue } from './core/json.js';
import { comparableText, type FieldText, LONGEST_TEXT } from './core/session-cutoffs.js';
import type { SessionRecord } from './core/record.js';
import { saveSession } from './core/save-session.js';
import { Session } from './core/session.js';
import { isFieldName } from './field-name.js';
import type { SessionData, SessionField, StorableData } from './session-data.js';
import { SessionRepository } from './core/session-repository.js';
import type { Synchronous } from './core/synchronous.js';
import { isSessionId, type SessionId } from './core/token.js';
import { traceRevoke } from './core/trace.js';
import { assertUserId } from './core/user-id.js';
import { applyTo, infoOf, type SessionInfo, sessionOf } from './session-info.js';
import { readSurely, recordsOfUser } from './session-records.js';
import { SessionError } from './session.errors.js';
import { assertCallOptions, type OptionNames } from './settings/known-options.js';
import { SessionSettings } from './session.settings.js';

/** A session in the list of its user's devices. */
export interface DeviceInfo extends SessionInfo {
  /** Whether it is the one that the list was asked for. */
  readonly isCurrent: boolean;
}

/** Options of {@link SessionService.revoke}. */
export interface RevokeOptions extends DurableOptions {
  /** Whose it must be. */
  readonly ofUser?: string;
}

/** Options of {@link SessionService.revokeAll}. */
export interface RevokeAllOptions extends DurableOptions {
  /** Sessions from before this moment are invalid, a `Date` or epoch milliseconds. */
  readonly before: Date | number;
  /** Only sessions in which this one field holds this value, a string, a number or a boolean. Default: all. */
  readonly where?: Partial<StorableData>;
  /** Whether sessions of guests are invalid as well. Default `false`. */
  readonly guests?: boolean | undefined;
}

/** Options of {@link SessionService.revokeAllOfUser}. */
export interface RevokeAllOfUserOptions extends DurableOptions {
  /** The session to spare, or its id. Default: none. */
  readonly except?: string | Session | undefined;
}

/** Options of {@link SessionService.listByUser}. */
export interface ListByUserOptions {
  /** The session that asks, or its id, to be marked in the list. Default: none. */
  readonly current?: string | Session | undefined;
}

const LIST = { current: 'value' } satisfies OptionNames<ListByUserOptions>;
const REVOKE = { ofUser: 'value', durable: 'value' } satisfies OptionNames<RevokeOptions>;
const REVOKE_OF_USER = {
  except: 'value',
  durable: 'value',
} satisfies OptionNames<RevokeAllOfUserOptions>;
const REVOKE_ALL = {
  before: 'value',
  where: 'value',
  guests: 'boolean',
  durable: 'value',
} satisfies OptionNames<RevokeAllOptions>;

/**
 * Sessions by their public id, for code outside a request: jobs, administration, lists of devices. In a handler use
 * `@Session()`.
 *
 * Every method rejects with `SESSION_STORE` when Redis does not answer.
 */
@Injectable()
export class SessionService {
  readonly #repository: SessionRepository;
  readonly #settings: SessionSettings;

  /** @internal */
  constructor(
    @Inject(SessionRepository) repository: SessionRepository,
    @Inject(SessionSettings) settings: SessionSettings,
  ) {
    this.#repository = repository;
    this.#settings = settings;
  }

  /**
   * One session with all its fields; those that do not hold JSON are named in `unreadableFields`. 1 command (`HGETALL`), and 1
   * more when it is not there. Does not keep it alive.
   *
   * @returns `undefined` when there is no such session, or only one that another version of this library wrote with another
   *   layout; anything that has not the shape of an id costs no command.
   */
  async find(id: string): Promise<SessionInfo | undefined> {
    const record = await this.#read(id);
    return record && this.#infoOf(record);
  }

  /**
   * The named fields, those that the session has. 1 command (`HGETALL`), and 1 more when it is not there. Does not keep
   * it alive.
   *
   * @returns `undefined` when there is no such session.
   * @throws {SessionError} `SESSION_FORMAT` when one of them does not hold JSON.
   */
  async read<K extends SessionField>(
    id: string,
    fields: readonly K[],
  ): Promise<Partial<Pick<SessionData, K>> | undefined> {
    const record = await this.#read(id);
    if (!record) return undefined;
    const entries = fields.flatMap((field) => {
      const text = record.fields.get(field);
      return text === undefined ? [] : [[field, decodeValue(field, text)]];
    });
    return Object.fromEntries(entries) as Partial<Pick<SessionData, K>>;
  }

  /**
   * Writes fields of a session, or does with it what a handler would: `(session) => session.increment('views')`.
   * Such a function may run again if others write the same fields, so it has no other effects. Where the session has been given
   * a new token since you learned its id, the one of the same user in which it goes on is written. 2 commands.
   *
   * @returns `false` when there is no such session (any more); then nothing was written.
   * @throws {SessionError} `SESSION_FORMAT` for a value that cannot be stored, `SESSION_CONFLICT` when others keep
   *   writing the same fields, `SESSION_STATE` when the function returns a promise; then nothing was written.
   */
  async update(
    id: string,
    changes: Partial<StorableData> | ((session: Session) => Synchronous),
  ): Promise<boolean> {
    if (!isSessionId(id)) return false;
    const record = await readOnward(this.#repository, id);
    if (!record || record === 'unreadable') return false;
    if (await this.#change(record, changes)) return true;
    // Nothing was written. It ended since it was read, perhaps only to go on under another id.
    const isThere = (await this.#repository.read(record.id, [])) !== undefined;
    return isThere ? false : this.update(record.id, changes);
  }

  /**
   * The user's live sessions, newest first: their devices. 1 command, then 1 for each session, a hundred at once.
   * Forgets dead ones, and leaves out those that another version of this library wrote with another layout.
   *
   * @param userId a text of 1 to 512 characters.
   * @param options `current` is the session that asks, or its id, to be marked in the list.
   * @throws {SessionError} `SESSION_STATE` for what cannot be a user id, and for an unknown option.
   */
  async listByUser(userId: string, options: ListByUserOptions = {}): Promise<DeviceInfo[]> {
    assertCallOptions(options, LIST, 'listByUser()');
    const current = idOf(options.current);
    const records = await recordsOfUser(this.#repository, userId);
    return records.map((record) => ({
      ...this.#infoOf(record),
      isCurrent: record.id === current,
    }));
  }

  /**
   * Ends a session: the next request with its token is a stranger's. Where it has been given a new token since you learned its
   * id, the one of the same user in which it goes on is ended. What the session holds is not looked at. 2 commands.
   *
   * @param id any text; what has not the shape of an id costs no command.
   * @param options `ofUser` ends it only if it is a session of this user, for a list of devices: an id in a request can be
   *   anybody's. Default: whose it is does not matter. `durable` is how safe that must be before the promise resolves.
   * @returns `true` when it has ended by this call; `false` when there was no such session.
   * @throws {SessionError} `SESSION_STATE` for an unknown option, and where `ofUser` is there and cannot be a user id, `undefined`
   *   included: then nothing has ended.
   */
  async revoke(id: string, options: RevokeOptions = {}): Promise<boolean> {
    assertCallOptions(options, REVOKE, 'revoke()');
    const { ofUser, durable } = options;
    // A guest's `session.userId` would otherwise end a session of anybody.
    if ('ofUser' in options) assertUserId(ofUser);
    if (!isSessionId(id)) return false;
    const isSame = ofUser === undefined ? isOfUserOf(id) : isOf(ofUser);
    const end = () => this.#end(id, isSame, ofUser, this.#store(durable));
    return (await traceRevoke('session', end, (ended) => ended)) > 0;
  }

  /**
   * Ends all sessions of a user, but one if you wish: the one that asks. Pass the session itself (`{ except: session }`), and it can
   * confirm its user or sign them in afterwards, in the same request; a stranger's, too, as when a password is reset. Without it,
   * that is refused with `SESSION_GONE`. When the promise resolves, no request with
   * any of their tokens succeeds on any instance; a sign-in or renewal that was under way is refused. 3 commands
   * up to 300 sessions; then 1, and 3 for each 500, in 2 + n/500 trips. Should the user's set have been lost, a session that was in it ends at its next
   * touch, after `touchIntervalSeconds` at the latest.
   *
   * @param userId a text of 1 to 512 characters.
   * @param options `except` is the session to spare, or its id. Default: none.
   * @returns how many were alive.
   * @throws {SessionError} `SESSION_STATE` for what cannot be a user id, and for an unknown option: then nothing has ended.
   */
  async revokeAllOfUser(userId: string, options: RevokeAllOfUserOptions = {}): Promise<number> {
    assertCallOptions(options, REVOKE_OF_USER, 'revokeAllOfUser()');
    const { except, durable } = options;
    assertUserId(userId);
    const id = idOf(except);
    const spared = id !== undefined && isSessionId(id) ? id : undefined;
    const end = () => this.#store(durable).revokeAllOfUser(userId, spared);
    const { ended, epoch } = await traceRevoke('user', end, (result) => result.ended);
    if (except instanceof Session) except.spare(epoch);
    return ended;
  }

  /**
   * Makes all sessions invalid that are from before a moment, of all users or of one tenant: after a leak, or where a backup was
   * restored. A session of a user is judged by `authenticatedAt`, one of a guest by `createdAt`, both by the clock of Redis. Needs no
   * Search and looks at no session: each ends when it is read, as `revoked`, and until then `SessionSearch.count()` counts it.
   *
   * When the promise resolves, after two seconds, no request that begins afterwards succeeds with such a session on any instance. One
   * that began before may still write to its session, and to no other. A call with an earlier moment than one before changes
   * nothing.
   *
   * Redis keeps one moment for all users, and one for each tenant, in one key. A backup that is older than the call does not hold it:
   * call again when you have restored one. Where the shard of that key is away in a Cluster, `revokeAll` rejects, and instances that
   * cannot ask it go on with the moments that they know.
   *
   * 1 command, and 1 that reads it again.
   *
   * @param options `before` is the moment, a `Date` or epoch milliseconds. One in the future counts as now, up to 60 seconds, since
   *   clocks differ. `where` is one field of the session and what it holds, a string, a number or a boolean: `{ tenant: 'acme' }`.
   *   Default: all sessions. `guests` also ends those of guests. Default `false`. `durable` is how safe it must be in Redis before the
   *   promise resolves.
   * @throws {SessionError} `SESSION_STATE` for what is no moment, or further in the future; for a `where` that is not one field with
   *   such a value of at most 1024 bytes as JSON, `undefined` included; for an unknown option; and for the 1001st tenant. Then
   *   nothing was ended. `SESSION_STORE` when Redis did not answer: it may have been carried out, so call again.
   */
  async revokeAll(options: RevokeAllOptions): Promise<void> {
    assertCallOptions(options, REVOKE_ALL, 'revokeAll()');
    const { before, where, guests = false, durable } = options;
    const scope = 'where' in options ? fieldTextOf(where) : undefined;
    const request = { before: momentOf(before), where: scope, guests };
    const end = () => this.#store(durable).revokeAll(request);
    await traceRevoke('all', end, () => 0);
  }

  /**
   * Asks Redis whether it is there. 1 command (`PING`).
   *
   * @returns how long the answer took, in milliseconds.
   */
  async ping(): Promise<number> {
    return this.#repository.ping();
  }

  #store(durable: DurableOptions['durable']): SessionRepository {
    assertDurability(durable);
    return durable ? this.#repository.durable(durable) : this.#repository;
  }

  /** @returns `false` when it is not there any more; then nothing was written. */
  async #change(
    record: SessionRecord,
    changes: Partial<StorableData> | ((session: Session) => Synchronous),
  ): Promise<boolean> {
    const session = sessionOf(record, this.#settings);
    applyTo(session, changes, 'update()');
    try {
      await saveSession(this.#repository, session);
      return true;
    } catch (error) {
      if (error instanceof SessionError && error.code === 'SESSION_GONE') return false;
      throw error;
    }
  }

  async #end(
    id: SessionId,
    isSame: IsSame,
    ofUser: string | undefined,
    store: SessionRepository,
  ): Promise<number> {
    const session = await nameOnward(this.#repository, id, isSame);
    if (!session || (ofUser !== undefined && session.userId !== ofUser)) return 0;
    const ended = await store.revoke([session.id], session.userId, 'revoked');
    // It ended between the two, perhaps only to go on under another id.
    return ended > 0 ? ended : this.#end(session.id, isSame, ofUser, store);
  }

  #infoOf(record: SessionRecord): SessionInfo {
    return infoOf(record, this.#settings, this.#repository.now());
  }

  async #read(id: string): Promise<SessionRecord | undefined> {
    return isSessionId(id) ? readSurely(this.#repository, id) : undefined;
  }
}

function idOf(session: string | Session | undefined): string | undefined {
  return session instanceof Session ? session.id : session;
}

function momentOf(before: Date | number): number {
  const moment = Number(before);
  // As a Date has it.
  if ((typeof before === 'number' || before instanceof Date) && moment >= 0 && moment <= 8.64e15) {
    return Math.ceil(moment);
  }
  throw new SessionError(
    'SESSION_STATE',
    'revokeAll() needs a moment (before): a valid Date, or a number of milliseconds since 1970. Nothing was ended.',
  );
}

function fieldTextOf(where: Partial<StorableData> | undefined): FieldText {
  const [[field, value] = [], ...others] = Object.entries(where ?? {});
  const text = comparableText(value);
  const isLong = text !== undefined && Buffer.byteLength(text) > LONGEST_TEXT;
  const isOne = field !== undefined && isFieldName(field) && others.length === 0;
  if (isOne && text !== undefined && !isLong) return { field, text };
  throw new SessionError(
    'SESSION_STATE',
    `revokeAll() needs exactly one field in where, or no where at all for all sessions. The field needs a string, a finite number or a boolean of at most ${LONGEST_TEXT} bytes as JSON. Nothing was ended.`,
  );
}
