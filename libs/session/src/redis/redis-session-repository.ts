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
import { shardOfId, type SessionId } from '../core/token.js';
import type { SessionSettings } from '../session.settings.js';
import { DocumentWriter } from './document-writer.js';
import { SessionKeys } from './keys.js';
import { missedChanges } from './missed-changes.js';
import type { RedisConnection } from './redis-connection.js';
import { isProvenAfter } from './proven-after.js';
import { revokeSessions } from './revoke-sessions.js';
import { ScriptRunner } from './script-runner.js';
import { commit } from './scripts/commit.js';
import { create } from './scripts/create.js';
import { renewInSlot } from './scripts/renew.js';
import { writeResultOf, type ScriptReply } from './scripts/reply.js';
import { revoke } from './scripts/revoke.js';
import { revokeIf } from './scripts/revoke-if.js';
import { touch } from './scripts/touch.js';
import { SessionReader } from './session-reader.js';
import { signOutEverywhere } from './sign-out-everywhere.js';
import { UserSessions } from './user-sessions.js';

/** Sessions in Redis: one hash each, one Set per user, every change one script on one slot. */
export class RedisSessionRepository extends SessionRepository {
  readonly #keys: SessionKeys;
  readonly #scripts: ScriptRunner;
  readonly #reader: SessionReader;
  readonly #documents: DocumentWriter;
  readonly #users: UserSessions;

  constructor(
    private readonly connection: RedisConnection,
    private readonly settings: SessionSettings,
    private readonly index: SessionIndex = new SessionIndex(settings.index),
  ) {
    super();
    this.#keys = new SessionKeys(settings.keyPrefix);
    this.#users = new UserSessions(connection, this.#keys);
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

  read(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined> {
    return this.#reader.read(id, only);
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
    const { changes, conflicts } = missedChanges(renewal, rest.slice(1) as string[]);
    const brought = changes.size === 0 ? created : await this.commit(next.id, changes);
    if (brought.kind !== 'saved' || conflicts.size === 0) return brought;
    return { kind: 'conflict', current: conflicts, movedTo: next.id };
  }

  revoke(
    ids: readonly SessionId[],
    userId: string | undefined,
    reason: GoneReason,
  ): Promise<number> {
    return revokeSessions(this.#scripts, this.#keys, ids, userId, reason);
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

  revokeAllOfUser(userId: string, except?: SessionId): Promise<SignOutEverywhere> {
    const { longestLifeMs } = this.settings;
    return signOutEverywhere(this.#scripts, this.#keys, this.#users, userId, except, longestLifeMs);
  }

  idsOfUser(userId: string): Promise<SessionId[]> {
    return this.#users.all(userId);
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

  /** A sign-in that was long on its way may have met a sign-out everywhere that it did not notice. */
  async #unlessVoid(session: NewSession, reply: ScriptReply): Promise<WriteResult> {
    const { userId, provenAt, afterEpoch } = session;
    const epoch = reply.status === 'saved' ? String(reply.rest[0]) : '';
    if (userId === undefined || epoch === '' || epoch === afterEpoch) return writeResultOf(reply);
    const isProof = await isProvenAfter(Number(epoch), provenAt, reply.now, () => this.time());
    if (isProof) return writeResultOf(reply);
    await this.revoke([session.id], userId, 'revoked');
    return { kind: 'gone' };
  }
}
