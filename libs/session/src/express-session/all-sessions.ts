import type { SessionRepository } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { SessionKeys } from '../redis/keys.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { scanKeys, serversOf } from '../redis/scan-keys.js';
import type { StoredSessions } from './stored-sessions.js';

const READS_AT_ONCE = 100;

/** A session as `all()` gives it. */
export type StoredSession<S> = S & {
  /** Its public id. */
  readonly id: string;
};

/** All sessions that have the store's prefix, found step by step: no command holds Redis up. */
export class AllSessions<S extends object> {
  readonly #keys: SessionKeys;

  constructor(
    private readonly connection: RedisConnection,
    keyPrefix: string,
    private readonly repository: SessionRepository,
    private readonly sessions: StoredSessions<S>,
  ) {
    this.#keys = new SessionKeys(keyPrefix);
  }

  /** 1 command for about each 500 keys that the servers hold, whoever's they are. */
  async ids(): Promise<SessionId[]> {
    const ids = new Set<SessionId>();
    const servers = await serversOf(this.connection);
    for await (const keys of scanKeys(this.connection, servers, this.#keys.sessions)) {
      for (const id of keys.flatMap(SessionKeys.idOf)) ids.add(id);
    }
    return [...ids];
  }

  /** As `ids()`, and 1 command for each session, a hundred at once. */
  async read(): Promise<StoredSession<S>[]> {
    const ids = await this.ids();
    const found: StoredSession<S>[] = [];
    for (let at = 0; at < ids.length; at += READS_AT_ONCE) {
      const some = ids.slice(at, at + READS_AT_ONCE);
      const read = await Promise.all(some.map((id) => this.sessions.read(id)));
      read.forEach((session, i) => session && found.push(Object.assign(session, { id: some[i]! })));
    }
    return found;
  }

  /** As `ids()`, and 1 command for each session, or for a few. */
  async end(): Promise<void> {
    await this.repository.revoke(await this.ids(), undefined, 'revoked');
  }
}
