import type { SessionRecord } from '../../libs/session/src/core/record.js';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';

/** Keeps what it has read in the memory of its process, for one more read: what a cache before the store would do. */
export class CachingSessionRepository extends RedisSessionRepository {
  readonly #kept = new Map<SessionId, SessionRecord>();

  override async read(id: SessionId): Promise<SessionRecord | undefined> {
    const kept = this.#kept.get(id);
    if (kept) {
      this.#kept.delete(id);
      return kept;
    }
    const record = await super.read(id);
    if (record) this.#kept.set(id, record);
    return record;
  }
}
