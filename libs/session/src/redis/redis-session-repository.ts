import type { Expectations, SessionChanges } from '../core/changes.js';
import type { Durability } from '../core/durability.js';
import { fieldsAfter, type NewSession, type Renewal } from '../core/outcome.js';
import type { GoneReason, GoneSession, SessionRecord } from '../core/record.js';
import {
  SessionRepository,
  type SignOutEverywhere,
  type WriteResult,
} from '../core/session-repository.js';
import { SessionIndex } from '../core/session-index.js';
import { isSessionId, shardOfId, shardOfUser, type SessionId } from '../core/token.js';
import type { SessionSettings } from '../session.settings.js';
import { DocumentWriter } from './document-writer.js';
import { SessionKeys } from './keys.js';
import { missedChanges } from './missed-changes.js';
import type { RedisConnection } from './redis-connection.js';
import { ScriptRunner } from './script-runner.js';
import { commit } from './scripts/commit.js';
import { create } from './scripts/create.js';
import { renewInSlot } from './scripts/renew.js';
import { writeResultOf, type ScriptReply } from './scripts/reply.js';
import { revoke, REVOKE_BATCH } from './scripts/revoke.js';
import { revokeIf } from './scripts/revoke-if.js';
import { touch } from './scripts/touch.js';
import { voidUser } from './scripts/void.js';
import { SessionReader } from './session-reader.js';

const LOOKS_AT_CLOCK = 8;

/** Sessions in Redis: one hash each, one Set per user, every change one script on one slot. */
export class RedisSessionRepository extends SessionRepository {
  readonly #keys: SessionKeys;
  readonly #scripts: ScriptRunner;
  readonly #reader: SessionReader;
  readonly #documents: DocumentWriter;

  constructor(
    private readonly connection: RedisConnection,
    private readonly settings: SessionSettings,
    private readonly index: SessionIndex = new SessionIndex(settings.index),
  ) {
    super();
    this.#keys = new SessionKeys(settings.keyPrefix);
    this.#scripts = new ScriptRunner(connection);
    this.#reader = new SessionReader(connection, this.#scripts, this.#keys);
    this.#documents = new DocumentWriter(this.#reader, this.#scripts, this.#keys, index);
  }

  durable(durability: Durability): SessionRepository {
    const connection = this.connection.durable(durability);
    return new RedisSessionRepository(connection, this.settings, this.index);
  }

  now(): number {
    return this.#scripts.now();
  }

  read(id: SessionId): Promise<SessionRecord | undefined> {
    return this.#reader.read(id);
  }

  whyGone(id: SessionId): Promise<GoneSession | undefined> {
    return this.#reader.whyGone(id);
  }

  async touch(record: SessionRecord): Promise<boolean> {
    const { touchIntervalMs } = this.settings;
    const reply = await this.#scripts.run((client) =>
      touch(client, this.#keys, record, touchIntervalMs, this.index.version),
    );
    await this.#documents.writeIfAsked(record.id, reply);
    return reply.status === 'saved';
  }

  async create(session: NewSession, fields: ReadonlyMap<string, string>): Promise<WriteResult> {
    let others: SessionId[] = [];
    for (;;) {
      const reply = await this.#scripts.run((client) =>
        create(client, this.#keys, session, fields, this.settings, others, this.index),
      );
      if (reply.status !== 'crowd') return this.#unlessVoid(session, reply);
      // At the limit, or near it. A script names the keys it touches, and only Redis knew which these are; each
      // further round means that somebody else has signed in meanwhile.
      others = reply.rest as SessionId[];
    }
  }

  async commit(
    id: SessionId,
    changes: SessionChanges,
    expected: Expectations = new Map(),
  ): Promise<WriteResult> {
    const reply = await this.#scripts.run((client) =>
      commit(client, this.#keys, id, changes, expected, this.index),
    );
    await this.#documents.writeIfAsked(id, reply);
    return writeResultOf(reply);
  }

  async renew(renewal: Renewal): Promise<WriteResult> {
    const { from, next, keepsData } = renewal;
    // Whoever becomes a user counts towards that user's limit, which is the business of `create`.
    const isSameUser = from.userId === next.userId;
    if (keepsData && isSameUser && shardOfId(from.id) === shardOfId(next.id)) {
      const reply = await this.#scripts.run((client) =>
        renewInSlot(client, this.#keys, renewal, this.settings.touchIntervalMs, this.index),
      );
      await this.#documents.writeIfAsked(next.id, reply);
      return renewal.isAuthenticated ? this.#unlessVoid(next, reply) : writeResultOf(reply);
    }
    // Another slot, or another user. The new session first: if the second step fails, nothing is lost but a session
    // that nobody has the token of.
    const created = await this.create(next, fieldsAfter(renewal));
    if (created.kind !== 'saved') return created;
    const reason = keepsData ? (`renewed:${next.id}:signed-in` as const) : 'signed-out';
    const { rest } = await this.#scripts.run((client) =>
      revoke(client, this.#keys, [from.id], from.userId, reason, keepsData),
    );
    const missed = missedChanges(renewal, rest.slice(1) as string[]);
    return missed.size === 0 ? created : this.commit(next.id, missed);
  }

  async revoke(
    ids: readonly SessionId[],
    userId: string | undefined,
    reason: GoneReason,
  ): Promise<number> {
    let alive = 0;
    for (let at = 0; at < ids.length; at += REVOKE_BATCH) {
      const [first, ...others] = ids.slice(at, at + REVOKE_BATCH);
      const { rest } = await this.#scripts.run((client) =>
        revoke(client, this.#keys, [first!, ...others], userId, reason),
      );
      alive += Number(rest[0]);
    }
    return alive;
  }

  async revokeIf(
    record: SessionRecord,
    reason: GoneReason,
    expected: Expectations,
  ): Promise<WriteResult> {
    return writeResultOf(
      await this.#scripts.run((client) => revokeIf(client, this.#keys, record, reason, expected)),
    );
  }

  reindex(id: SessionId): Promise<boolean> {
    return this.#documents.write(id);
  }

  async revokeAllOfUser(userId: string, except?: SessionId): Promise<SignOutEverywhere> {
    // A session of somebody else is none to spare, and would be in another slot.
    const spared = except && shardOfId(except) === shardOfUser(userId) ? except : undefined;
    const { rest } = await this.#scripts.run((client) =>
      voidUser(client, this.#keys, userId, spared, this.settings.longestLifeMs),
    );
    const ids = await this.idsOfUser(userId);
    const others = ids.filter((id) => id !== spared);
    return { ended: await this.revoke(others, userId, 'revoked'), epoch: String(rest[0]) };
  }

  async idsOfUser(userId: string): Promise<SessionId[]> {
    const members = await this.connection.send((client) =>
      client.smembers(this.#keys.user(userId)),
    );
    // All sessions of a user are in the user's shard. Others are not theirs, whoever says so.
    const shard = shardOfUser(userId);
    return members.filter((id) => isSessionId(id) && shardOfId(id) === shard) as SessionId[];
  }

  async time(): Promise<number> {
    const [seconds, microseconds] = await this.connection.send((client) => client.time());
    return Number(seconds) * 1000 + Number(microseconds) / 1000;
  }

  async ping(): Promise<number> {
    const before = performance.now();
    await this.connection.send((client) => client.ping());
    return performance.now() - before;
  }

  /**
   * A sign-in that was long on its way. The script took the proof for younger than it is by as long as the command
   * travelled, so a sign-out everywhere in that time went unnoticed. What is known now for certain decides: the shorter an
   * answer is on its way, the more that is, so a slow one is asked for again before anybody is refused.
   */
  async #unlessVoid(session: NewSession, reply: ScriptReply): Promise<WriteResult> {
    const { userId, provenAt, afterEpoch } = session;
    const epoch = reply.status === 'saved' ? String(reply.rest[0]) : '';
    if (userId === undefined || epoch === '' || epoch === afterEpoch) return writeResultOf(reply);
    let { now } = reply;
    for (let look = 1; look <= LOOKS_AT_CLOCK; look++) {
      const provenNotBefore = now - (performance.now() - provenAt);
      if (Number(epoch) < provenNotBefore) return writeResultOf(reply);
      now = await this.time();
    }
    await this.revoke([session.id], userId, 'revoked');
    return { kind: 'gone' };
  }
}
