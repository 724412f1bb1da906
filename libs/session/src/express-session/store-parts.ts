import { setTimeout as wait } from 'node:timers/promises';
import { openConnection } from '../redis/open-connection.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { RedisSessionRepository } from '../redis/redis-session-repository.js';
import { SessionsApart } from '../redis/sessions-apart.js';
import { storeError, timeoutError } from '../redis/store-error.js';
import { SessionError } from '../session.errors.js';
import { SessionService } from '../session.service.js';
import { AllSessions } from './all-sessions.js';
import { StoredSessions } from './stored-sessions.js';
import type { StoreSettings } from './store-options.js';

/** What a store is made of, once it has its connection. */
export interface StoreParts<S extends object> {
  readonly sessions: StoredSessions<S>;
  readonly all: AllSessions<S>;
  readonly service: SessionService;
  readonly connection: RedisConnection;
}

/** The parts of a store, made when they are first needed. */
export class LazyStoreParts<S extends object> {
  #parts: StoreParts<S> | undefined;
  #opening: Promise<StoreParts<S>> | undefined;
  #isClosed = false;

  constructor(private readonly settings: StoreSettings<S>) {}

  /** @throws {SessionError} `SESSION_STORE` when a client that is made elsewhere is not there in time. */
  async get(): Promise<StoreParts<S>> {
    if (this.#isClosed) {
      throw new SessionError('SESSION_STORE', 'The store was closed. Make another one.');
    }
    if (this.#parts) return this.#parts;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    const { storeTimeoutMs } = this.settings.session;
    const timer = new AbortController();
    const late = wait(storeTimeoutMs, undefined, { signal: timer.signal }).then(
      () => Promise.reject(timeoutError(storeTimeoutMs)),
      () => new Promise<never>(() => undefined),
    );
    return Promise.race([this.#opening, late]).finally(() => timer.abort());
  }

  /** Closes a connection that was made here. Nothing can be asked afterwards. */
  async close(): Promise<void> {
    const [parts, opening] = [this.#parts, this.#opening];
    this.#isClosed = true;
    // A client that is made elsewhere may never come, and is not ours to close.
    void opening?.then(({ connection }) => connection.close()).catch(() => undefined);
    await parts?.connection.close();
  }

  async #open(): Promise<StoreParts<S>> {
    const { session: settings } = this.settings;
    const connection = await openConnection(settings).catch((error: unknown) => {
      throw storeError(error);
    });
    const repository = new RedisSessionRepository(connection, settings);
    const apart = new SessionsApart(connection, settings.keyPrefix);
    const sessions = new StoredSessions<S>(repository, apart, this.settings);
    const all = new AllSessions(connection, settings.keyPrefix, repository, sessions);
    const service = new SessionService(repository, settings);
    return (this.#parts = { sessions, all, service, connection });
  }
}
