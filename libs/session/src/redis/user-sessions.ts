import type { SessionId } from '../core/token.js';
import type { SessionKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import { type Page, pageOfUser } from './scripts/page.js';
import { REVOKE_BATCH } from './revoke-sessions.js';

const START = '0';

/**
 * What a user's set holds, page by page: `SMEMBERS` of a hundred thousand sessions would stop Redis for everybody. A set of
 * up to 128 comes whole, in one command. What is there from the first page to the last is on one of them; what comes
 * meanwhile may be, and may be on two.
 */
export class UserSessions {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: SessionKeys,
  ) {}

  async all(userId: string): Promise<SessionId[]> {
    const ids = new Set<SessionId>();
    for (let from: string | undefined = START; from !== undefined;) {
      const page: Page = await this.#page(userId, from);
      for (const id of page.ids) ids.add(id);
      from = page.next;
    }
    return [...ids];
  }

  /** Does something with each page, and reads the next one meanwhile. @returns the sum of what it gave. */
  async sum(
    userId: string,
    act: (ids: SessionId[]) => Promise<number>,
    from = START,
  ): Promise<number> {
    const { ids, next } = await this.#page(userId, from);
    const others = next === undefined ? 0 : this.sum(userId, act, next);
    const [here, elsewhere] = await Promise.all([act(ids), others]);
    return here + elsewhere;
  }

  #page(userId: string, from: string): Promise<Page> {
    return this.connection.send((client) =>
      pageOfUser(client, this.keys, userId, from, REVOKE_BATCH),
    );
  }
}
