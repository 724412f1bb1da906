import { isWithUser, type SessionId } from '../core/token.js';
import { SessionError } from '../session.errors.js';
import type { SessionLimitOptions } from '../session.options.js';
import type { ScriptReply } from './scripts/reply.js';
import type { UserSessions } from './user-sessions.js';

/** Each further round means that another process has let the user in meanwhile. */
const MOST_ROUNDS = 50;

/** The sign-ins of one user that are under way. */
interface Line {
  length: number;
  last: Promise<unknown>;
  /** The user's sessions, as far as they have to be named; the next in line needs not ask for them anew. */
  members: readonly SessionId[];
}

/** What a limited sign-in asks of its repository. */
export interface LimitedSignIn {
  readonly userId: string;
  readonly id: SessionId;
  /** Calls the script, which names these other sessions of the user. */
  create(others: readonly SessionId[]): Promise<ScriptReply>;
  /** Ends sessions to make room. */
  evict(ids: readonly SessionId[]): Promise<unknown>;
}

/**
 * Signs in users who may have so many sessions only. At the limit a script has to name all sessions of the user, and each that
 * signs in meanwhile makes another call necessary: so those of one user go one after the other, in each process.
 */
export class LimitedSignIns {
  readonly #lines = new Map<string, Line>();

  /** @param patienceMs how long one may wait for those before it. */
  constructor(
    private readonly users: UserSessions,
    private readonly options: SessionLimitOptions,
    private readonly patienceMs: number,
  ) {}

  /** @throws {SessionError} `SESSION_STORE` when others had to be waited for too long. */
  async begin(signIn: LimitedSignIn): Promise<ScriptReply> {
    const { userId } = signIn;
    const line: Line = this.#lines.get(userId) ?? {
      length: 0,
      last: Promise.resolve(),
      members: [],
    };
    this.#lines.set(userId, line);
    line.length++;
    const since = performance.now();
    const turn = line.last.then(() => {
      if (performance.now() - since >= this.patienceMs) throw tooBusy();
      return this.#create(signIn, line);
    });
    line.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      if (--line.length === 0) this.#lines.delete(userId);
    }
  }

  async #create(signIn: LimitedSignIn, line: Line): Promise<ScriptReply> {
    const { userId, id } = signIn;
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const reply = await signIn.create(line.members);
      if (reply.status === 'saved' && line.members.length > 0) {
        const evicted = new Set(reply.rest[1] as SessionId[]);
        line.members = [...line.members.filter((member) => !evicted.has(member)), id];
      }
      if (reply.status !== 'need-members') return reply;
      line.members = reply.rest[0] as SessionId[];
      // Too many for one script, or out of its reach: what follows takes several.
      const isInReach = line.members.every((member) => isWithUser(member, userId));
      if (line.members.length > 0 && isInReach) continue;
      line.members = [];
      if (!(await this.#makeRoom(signIn))) return { ...reply, status: 'limit', rest: [] };
    }
    throw tooBusy();
  }

  /** @returns whether there is any. */
  async #makeRoom({ userId, evict }: LimitedSignIn): Promise<boolean> {
    const live = await this.users.live(userId);
    const { limit, whenReached } = this.options;
    const surplus = live.length - limit + 1;
    if (surplus <= 0) return true;
    if (whenReached === 'refuse') return false;
    // As the script does where it reaches all of them.
    live.sort((a, b) => a.seenAt - b.seenAt || a.authenticatedAt - b.authenticatedAt);
    await evict(live.slice(0, surplus).map(({ id }) => id));
    return true;
  }
}

function tooBusy(): SessionError {
  return new SessionError(
    'SESSION_STORE',
    'The user signs in too often at the same time for the limit maxSessionsPerUser: others kept this sign-in waiting. Nothing was saved; try again in a moment.',
  );
}
