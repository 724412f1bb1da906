import { EventEmitter } from 'node:events';
import { idOfForeign, type SessionId } from '../core/token.js';
import { SessionError } from '../session.errors.js';
import type { DeviceInfo } from '../session.service.js';
import { answer, type Callback } from './answer.js';
import { type BaseStore, loadBaseStore } from './base-store.js';
import { noteStart, passOnKnown } from './known-session.js';
import { type RedisSessionStoreOptions, storeSettingsOf } from './store-options.js';
import type { StoredSession } from './all-sessions.js';
import { LazyStoreParts, type StoreParts } from './store-parts.js';

const LONGEST_SID = 4096;

/** A session as express-session and its users have it; of which kind, only they know. */
// oxlint-disable-next-line typescript/no-explicit-any -- express-session's own types have `any` in these places.
type Any = any;

/**
 * A store for express-session that keeps sessions as this library does: a hash for each, of which a request writes the
 * properties that it changed; a session that has ended does not come back; a user's sessions are known.
 *
 * ```ts
 * import express from 'express';
 * import session, { type SessionData } from 'express-session';
 * import { RedisSessionStore } from 'nestjs-redis-session/express-session';
 *
 * declare module 'express-session' {
 *   interface SessionData {
 *     userId?: string;
 *   }
 * }
 *
 * export const store = new RedisSessionStore({
 *   redis: 'redis://localhost:6379',
 *   userId: ({ userId }: SessionData) => userId,
 * });
 *
 * export const app = express();
 * app.use(
 *   session({
 *     store,
 *     secret: process.env.SESSION_SECRET ?? '',
 *     resave: false,
 *     saveUninitialized: false,
 *     cookie: { maxAge: 1_800_000, httpOnly: true, sameSite: 'lax' },
 *   }),
 * );
 * ```
 *
 * Each method takes a callback, and gives a promise where there is none. Both get a {@link SessionError} for what goes
 * wrong here, `SESSION_STORE` after `storeTimeoutMs` at the latest. Needs `express-session` 1.17 or newer. It emits
 * neither `disconnect` nor `connect`: express-session would serve requests without any session then.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- as above, and to be read in the API reference.
export class RedisSessionStore<S extends object = any> extends EventEmitter {
  readonly #base: BaseStore;
  readonly #parts: LazyStoreParts<S>;
  #generate: ((request: Any) => void) | undefined;

  /**
   * Connects when it is first asked for something.
   *
   * @throws {SessionError} `SESSION_CONFIG` for an option that is wrong, and where express-session is not installed.
   */
  constructor(options: RedisSessionStoreOptions<S>) {
    super();
    this.#parts = new LazyStoreParts(storeSettingsOf(options));
    this.#base = loadBaseStore();
  }

  /** The session of a cookie; `null` when there is none. 1 command, and 1 more when there is none. */
  get(sid: string): Promise<S | null>;
  get(sid: string, callback: Callback<Any>): void;
  get(sid: string, callback?: Callback<S | null>): Promise<S | null> | void {
    return this.#answer(({ sessions }) => sessions.read(idOf(sid)), callback);
  }

  /**
   * Writes what has changed since the session was read: 1 command, none if nothing has. A new one is begun. 3 more when a
   * user signs in or out, 1 more when the time to live of a user's is due. Any other object takes the place of what is there.
   *
   * @throws {SessionError} `SESSION_GONE` when the session was read and has ended since, or ended a short while ago:
   *   nothing is written. `SESSION_FORMAT` for what JSON has no form for, `SESSION_TOO_LARGE` (413) for more than 1 MiB.
   */
  set(sid: string, session: S): Promise<void>;
  set(sid: string, session: Any, callback?: Callback<void>): void;
  set(sid: string, session: S, callback?: Callback<void>): Promise<void> | void {
    return this.#answer(({ sessions }) => sessions.write(idOf(sid), session), callback);
  }

  /** Starts the time to live anew, unless that was done a moment ago. Never begins a session. 0 to 2 commands. */
  touch(sid: string, session: S): Promise<void>;
  touch(sid: string, session: Any, callback?: Callback<void>): void;
  touch(sid: string, session: S, callback?: Callback<void>): Promise<void> | void {
    return this.#answer(({ sessions }) => sessions.touch(idOf(sid), session), callback);
  }

  /** Ends a session. No error when there is none. 2 commands, 3 for a user's. */
  destroy(sid: string): Promise<void>;
  destroy(sid: string, callback?: Callback<void>): void;
  destroy(sid: string, callback?: Callback<void>): Promise<void> | void {
    return this.#answer(({ sessions }) => sessions.end(idOf(sid)), callback);
  }

  /** All sessions under the store's prefix, each with its public `id`. Scans, then 1 command for each. */
  all(): Promise<StoredSession<S>[]>;
  all(callback: Callback<Any>): void;
  all(callback?: Callback<StoredSession<S>[]>): Promise<StoredSession<S>[]> | void {
    return this.#answer(({ all }) => all.read(), callback);
  }

  /** How many sessions there are under the store's prefix. Scans: 1 command for about each 500 keys in Redis. */
  length(): Promise<number>;
  length(callback: Callback<number>): void;
  length(callback?: Callback<number>): Promise<number> | void {
    return this.#answer(async ({ all }) => (await all.ids()).length, callback);
  }

  /** Their public ids. Scans, as `length()`. No cookie can be made of them, so `destroy` does not take them: `revoke` does. */
  ids(): Promise<string[]>;
  ids(callback: Callback<string[]>): void;
  ids(callback?: Callback<string[]>): Promise<string[]> | void {
    return this.#answer<string[]>(({ all }) => all.ids(), callback);
  }

  /** Ends all sessions under the store's prefix, those of a `SessionModule` that has the same one, too. */
  clear(): Promise<void>;
  clear(callback?: Callback<void>): void;
  clear(callback?: Callback<void>): Promise<void> | void {
    return this.#answer(({ all }) => all.end(), callback);
  }

  /**
   * The public id of a session, for lists and logs, from its secret one, `req.sessionID`. No command.
   *
   * @throws {SessionError} `SESSION_STATE` for what is no text of 1 to 4,096 characters.
   */
  idOf(sid: string): string {
    return idOf(sid);
  }

  /** As `SessionService.listByUser`: a user's sessions, newest first. `current` is a public id. */
  async listByUser(userId: string, options: { current?: string } = {}): Promise<DeviceInfo[]> {
    return (await this.#parts.get()).service.listByUser(userId, options);
  }

  /** Ends a session by its public id. @returns `false` when there was none. */
  async revoke(id: string): Promise<boolean> {
    return (await this.#parts.get()).service.revoke(id);
  }

  /**
   * As `SessionService.revokeAllOfUser`: ends all sessions of a user, but one if you wish, by its public id. A sign-in whose
   * request began before it is refused.
   *
   * @returns how many were alive.
   */
  async revokeAllOfUser(userId: string, options: { except?: string } = {}): Promise<number> {
    return (await this.#parts.get()).service.revokeAllOfUser(userId, options);
  }

  /** Closes the connection, if it was made here. Call it when the application shuts down; then each method rejects. */
  close(): Promise<void> {
    return this.#parts.close();
  }

  /** Makes a `Session` of what was read. express-session calls it. */
  createSession(request: Any, stored: Any): Any {
    noteStart(request as object);
    const session = this.#base.createSession.call(this, request as object, stored as object);
    passOnKnown(stored as object, session);
    return session;
  }

  /** Reads a session and makes a `Session` of it, outside of a request. */
  load(sid: string, callback: Callback<Any>): void {
    this.get(sid, (error, stored) => {
      if (error || !stored) return callback(error);
      callback(null, this.createSession({ sessionID: sid, sessionStore: this }, stored));
    });
  }

  /** Ends the session of a request and gives it a new one. `req.session.regenerate()` calls it. */
  regenerate(request: Any, callback: Callback<void>): void {
    this.destroy((request as { sessionID: string }).sessionID, (error) => {
      this.generate(request);
      callback(error);
    });
  }

  /** Gives a request a new session. express-session sets it. */
  get generate(): (request: Any) => void {
    return (request: Any) => {
      noteStart(request as object);
      this.#generate?.(request);
    };
  }
  /** Called by express-session, with what makes a session. */
  set generate(generate: (request: Any) => void) {
    this.#generate = generate;
  }

  #answer<T>(
    work: (parts: StoreParts<S>) => Promise<T>,
    callback: Callback<T> | undefined,
  ): Promise<T> | void {
    return answer(this.#parts.get().then(work), callback);
  }
}

/** Whatever `genid` has made will do, as long as a cookie can carry it. */
function idOf(sid: unknown): SessionId {
  const isText = typeof sid === 'string' && sid.length > 0 && sid.length <= LONGEST_SID;
  if (isText && sid.isWellFormed()) return idOfForeign(sid);
  throw new SessionError(
    'SESSION_STATE',
    `The id of a session must be a well-formed text of 1 to ${LONGEST_SID} characters. Look at the option genid of express-session.`,
  );
}
