import type { SessionChanges } from '../core/changes.js';
import { SessionIndex } from '../core/session-index.js';
import type { Device } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { SessionKeys } from './keys.js';
import { isProvenAfter } from './proven-after.js';
import type { RedisConnection } from './redis-connection.js';
import { revokeSessions } from './revoke-sessions.js';
import { ScriptRunner } from './script-runner.js';
import { claim } from './scripts/claim.js';
import { create, deviceFields, provenAgoMs } from './scripts/create.js';
import { extend, type KnownEpoch, type Term } from './scripts/extend.js';
import { forget } from './scripts/forget.js';
import type { ScriptReply } from './scripts/reply.js';
import { UserSessions } from './user-sessions.js';

export type { Term };

/** A user who has just proved who they are. */
export interface SignIn {
  readonly userId: string;
  /** By the monotonic clock of this process. */
  readonly provenAt: number;
  readonly device: Device;
}

/** A user's set outlives each session in it, whichever of two commands was the slower. */
const LONGER_MS = 120_000;

const NOBODY: Device = { address: undefined, agent: undefined };
const OWN = ['~user', '~auth', '~spared', '~ip', '~agent'];

/**
 * Sessions whose ids say nothing of their users, so that they lie in other slots than the users' keys. What is one script
 * elsewhere takes several here: first the user's set, then the session, then a look whether a sign-out everywhere came
 * between. Whatever breaks off leaves nothing but an id too many in the set.
 */
export class SessionsApart {
  readonly #scripts: ScriptRunner;
  readonly #keys: SessionKeys;
  readonly #users: UserSessions;
  readonly #index = new SessionIndex(undefined);

  constructor(connection: RedisConnection, keyPrefix: string) {
    this.#scripts = new ScriptRunner(connection);
    this.#keys = new SessionKeys(keyPrefix);
    this.#users = new UserSessions(connection, this.#keys);
  }

  /** The time by the clock of Redis as well as it is known here, in epoch milliseconds. */
  now(): number {
    return this.#scripts.now();
  }

  /** @returns `false` if the id is not free, or a sign-out everywhere came after the proof; nothing is left then. */
  create(
    id: SessionId,
    fields: ReadonlyMap<string, string>,
    term: Term,
    signIn: SignIn | undefined,
  ): Promise<boolean> {
    return this.#as(signIn, id, term, (own) => {
      const all = new Map([...own, ...fields]);
      const idleSeconds = term.idleMs / 1000;
      const lifetime = { idleSeconds, absoluteSeconds: (term.idleMs + term.slackMs) / 1000 };
      const provenAt = performance.now();
      const afterEpoch = undefined;
      // Whose it is stands among the fields: the script would look for the user's keys in its own slot.
      const guest = { id, userId: undefined, lifetime, device: NOBODY, provenAt, afterEpoch };
      const terms = { touchIntervalMs: term.slackMs, userLimit: undefined };
      return this.#scripts.run((client) =>
        create(client, this.#keys, guest, all, terms, [], this.#index),
      );
    });
  }

  /**
   * Writes changes and starts the idle timeout anew.
   *
   * @param userId whose the session is, as far as is known.
   * @returns `false` if it is gone, or void.
   */
  async extend(
    id: SessionId,
    changes: SessionChanges,
    term: Term,
    userId: string | undefined,
  ): Promise<boolean> {
    const known = userId === undefined ? undefined : await this.#claim(userId, id, term);
    const { status } = await this.#extend(id, changes, term, known);
    // Void, so it was ended just now; or gone before, and the claim has put it back.
    if (status !== 'saved' && userId !== undefined) await this.#forget(userId, id);
    return status === 'saved';
  }

  /** Writes changes and says anew whose the session is: `signIn` gives nobody when the user has left. */
  async handOver(
    id: SessionId,
    changes: SessionChanges,
    term: Term,
    from: string | undefined,
    signIn: SignIn | undefined,
  ): Promise<boolean> {
    const isDone = await this.#as(signIn, id, term, (own) => {
      const all = new Map(changes);
      for (const name of OWN) all.set(name, { kind: 'remove' });
      for (const [name, text] of own) all.set(name, { kind: 'set', text });
      return this.#extend(id, all, term, undefined);
    });
    if (isDone && from !== undefined) await this.#forget(from, id);
    return isDone;
  }

  async #as(
    signIn: SignIn | undefined,
    id: SessionId,
    term: Term,
    write: (own: ReadonlyMap<string, string>) => Promise<ScriptReply>,
  ): Promise<boolean> {
    if (!signIn) return (await write(new Map())).status === 'saved';
    const { userId, provenAt } = signIn;
    const claimed = await this.#scripts.run((client) =>
      claim(client, this.#keys, userId, {
        id,
        forMs: lifeOf(term),
        provenAgoMs: provenAgoMs(signIn),
      }),
    );
    if (claimed.status !== 'saved') return false;
    const device = deviceFields(signIn);
    const own = new Map([
      ['~user', userId],
      ['~auth', String(claimed.rest[2])],
    ]);
    for (let i = 0; i < device.length; i += 2) own.set(device[i]!, device[i + 1]!);
    const { status } = await write(own);
    if (status !== 'saved') return false;
    const met = claimed.rest[3] as string[];
    this.#users.pruneBehind(userId, met);
    const { rest, now } = await this.#ask(userId);
    const epoch = String(rest[0]);
    const askTime = async () => (await this.#ask(userId)).now;
    if (epoch === '' || (await isProvenAfter(Number(epoch), provenAt, now, askTime))) return true;
    await revokeSessions(this.#scripts, this.#keys, [id], userId, 'revoked');
    return false;
  }

  async #claim(userId: string, id: SessionId, term: Term): Promise<KnownEpoch> {
    const { rest } = await this.#scripts.run((client) =>
      claim(client, this.#keys, userId, { id, forMs: lifeOf(term) }),
    );
    return { userId, epoch: String(rest[0]) };
  }

  #ask(userId: string): Promise<ScriptReply> {
    return this.#scripts.run((client) => claim(client, this.#keys, userId));
  }

  #extend(
    id: SessionId,
    changes: SessionChanges,
    term: Term,
    known: KnownEpoch | undefined,
  ): Promise<ScriptReply> {
    return this.#scripts.run((client) =>
      extend(client, this.#keys, id, changes, term, known, this.#index),
    );
  }

  async #forget(userId: string, id: SessionId): Promise<void> {
    await this.#scripts.run((client) => forget(client, this.#keys, userId, [id]));
  }
}

function lifeOf({ idleMs, slackMs }: Term): number {
  return idleMs + slackMs + LONGER_MS;
}
