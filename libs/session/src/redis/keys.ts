import { isSessionId, isWithUser, shardOfId, shardOfUser, type SessionId } from '../core/token.js';

/** Every key of this library is spelled here and nowhere else. The part in braces decides the slot on a Cluster. */
export class SessionKeys {
  constructor(private readonly prefix: string) {}

  session(id: SessionId): string {
    return `${this.prefix}session:{${shardOfId(id)}}:${id}`;
  }

  /** Why a session ended; asked for only when the session is not there. */
  gone(id: SessionId): string {
    return `${this.prefix}session-gone:{${shardOfId(id)}}:${id}`;
  }

  /** What Search sees of the session, where an index is declared. */
  document(id: SessionId): string {
    return `${this.prefix}session-index:{${shardOfId(id)}}:${id}`;
  }

  /** The ids of a user's live sessions. Dead ones in it are harmless and pruned. */
  user(userId: string): string {
    return `${this.prefix}session-user:{${shardOfUser(userId)}}:${userId}`;
  }

  /** "Whatever was authenticated before this moment is void." */
  epoch(userId: string): string {
    return `${this.prefix}session-epoch:{${shardOfUser(userId)}}:${userId}`;
  }

  /** "Whatever was authenticated before this moment is invalid", for all users or for some. */
  get cutoffs(): string {
    return `${this.prefix}session-cutoffs`;
  }

  /** A name in the slot of a user under which there never is a session. */
  spare(userId: string): string {
    return `${this.prefix}session:{${shardOfUser(userId)}}:`;
  }

  /**
   * The two keys of whoever is signed in; two names in the slot of the session that nothing is kept under, for a guest
   * and where the keys of the user are in another slot.
   */
  ofOwner(id: SessionId, userId: string | undefined): [user: string, epoch: string] {
    if (userId !== undefined && isWithUser(id, userId)) {
      return [this.user(userId), this.epoch(userId)];
    }
    const shard = shardOfId(id);
    return [`${this.prefix}session-user:{${shard}}:`, `${this.prefix}session-epoch:{${shard}}:`];
  }

  /** What every index document begins with, for Search. */
  get documents(): string {
    return `${this.prefix}session-index:{`;
  }

  /** What every session begins with. */
  get sessions(): string {
    return `${this.prefix}session:{`;
  }

  /**
   * Of a key that was found: `passing` has a time to live, `lasting` may stay for ever, `foreign` begins as ours do and is
   * written by something else.
   *
   * @returns `undefined` for keys that have nothing to do with ours.
   */
  kindOf(key: string): 'passing' | 'lasting' | 'foreign' | undefined {
    if (!key.startsWith(`${this.prefix}session`)) return undefined;
    const name = key.slice(this.prefix.length);
    if (/^session(-[a-z]+)*:\{[0-9a-f]{4}\}:/.test(name)) return 'passing';
    if (key === this.cutoffs) return 'passing';
    if (key === this.eventStream || key.startsWith(this.indexState(''))) return 'lasting';
    return 'foreign';
  }

  isSession(key: string): boolean {
    return key.startsWith(this.sessions);
  }

  /** Of the key of a session or of its document. */
  static idOf(key: string): SessionId[] {
    const id = key.slice(key.lastIndexOf(':') + 1);
    return isSessionId(id) ? [id] : [];
  }

  /** The name of the index of a declaration, in Search. */
  index(version: string): string {
    return `${this.indexAlias}:${version}`;
  }

  /** The name that stands for the index in use. */
  get indexAlias(): string {
    return `${this.prefix}session-index`;
  }

  /** @returns `undefined` for the name of an index that is not ours. */
  versionOfIndex(name: string): string | undefined {
    const start = this.index('');
    const version = name.slice(start.length);
    return name.startsWith(start) && /^[0-9a-f]{8}$/.test(version) ? version : undefined;
  }

  /** Where events are kept until each group of listeners has handled them, if the application wants that. */
  get eventStream(): string {
    return `${this.prefix}session-events`;
  }

  /** A channel is no key: all databases share it. */
  eventChannel(database: number): string {
    return `${this.eventStream}:${database}`;
  }

  /** How far an index is filled, and when it was last used. */
  indexState(version: string): string {
    return `${this.prefix}session-index-state:${version}`;
  }
}
