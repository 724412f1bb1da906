import { isSessionId, type SessionId } from '../core/token.js';
import type { SessionKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import { inSlots, LARGEST_SCRIPT, REVOKE_BATCH, slices } from './revoke-sessions.js';
import { forget } from './scripts/forget.js';
import { type Page, pageOfUser } from './scripts/page.js';
import { type LiveSession, survey } from './scripts/survey.js';

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

  /**
   * Looks at members of a user's set, and takes out of it what is no session, or none any more. An id never comes back, so
   * looking and taking out need not be one step.
   *
   * @returns the sessions that are there.
   */
  async prune(userId: string, members: readonly string[]): Promise<LiveSession[]> {
    const live: LiveSession[] = [];
    for (const some of slices(members, LARGEST_SCRIPT)) {
      const looks = inSlots(some.filter(isSessionId)).map((part) =>
        this.connection.send((client) => survey(client, this.keys, part)),
      );
      const found = (await Promise.all(looks)).flat();
      live.push(...found);
      const alive = new Set<string>(found.map(({ id }) => id));
      await this.#forget(
        userId,
        some.filter((member) => !alive.has(member)),
      );
    }
    return live;
  }

  /** The sessions of a user that are there, of however many ids; the others are taken out of the set. */
  async live(userId: string): Promise<LiveSession[]> {
    return this.prune(userId, await this.all(userId));
  }

  /**
   * Those that a sign-in has met in a large set. Nobody waits for it, and the next sign-in tries again: without it a user who
   * signs in often, and never out or for a list of sessions, would leave ids for as long as the set lives.
   */
  pruneBehind(userId: string, met: readonly string[]): void {
    this.prune(userId, met).catch(() => undefined);
  }

  async #page(userId: string, from: string): Promise<Page> {
    const page = await this.connection.send((client) =>
      pageOfUser(client, this.keys, userId, from, REVOKE_BATCH),
    );
    await this.#forget(userId, page.foreign);
    return page;
  }

  async #forget(userId: string, members: readonly string[]): Promise<void> {
    if (members.length === 0) return;
    await this.connection.send((client) => forget(client, this.keys, userId, members));
  }
}
