import type { Expectations, SessionChanges } from '../core/changes.js';
import type { CutoffRequest } from '../core/session-cutoffs.js';
import type { Durability } from '../core/durability.js';
import type { NewSession, Renewal } from '../core/outcome.js';
import {
  type GoneReason,
  type GoneSession,
  limitOf,
  type SessionRecord,
  type UnreadableSession,
} from '../core/record.js';
import { beginningOf, endingsOf } from '../core/session-event.js';
import { SessionIndex } from '../core/session-index.js';
import { SessionListeners } from '../core/session-listeners.js';
import {
  SessionRepository,
  type SignOutEverywhere,
  type StorePart,
  type WriteResult,
} from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import type { SessionSettings } from '../session.settings.js';
import { beginSession } from './begin-session.js';
import { commitSession } from './commit-session.js';
import { DocumentWriter } from './document-writer.js';
import { SessionKeys } from './keys.js';
import { KnownCutoffs } from './known-cutoffs.js';
import { LimitedSignIns } from './limited-sign-ins.js';
import type { RedisConnection } from './redis-connection.js';
import { renewSession } from './renew-session.js';
import { type RepositoryParts, tell } from './repository-parts.js';
import { revokeSessions } from './revoke-sessions.js';
import { ScriptRunner } from './script-runner.js';
import { writeResultOf } from './scripts/reply.js';
import { confirm } from './scripts/confirm.js';
import { revokeIf } from './scripts/revoke-if.js';
import { touch } from './scripts/touch.js';
import { SessionReader } from './session-reader.js';
import { signOutEverywhere } from './sign-out-everywhere.js';
import { UserSessions } from './user-sessions.js';

/** Sessions in Redis: one hash each, one Set per user, every change one script on one slot. */
export class RedisSessionRepository extends SessionRepository {
  readonly #parts: RepositoryParts;

  constructor(
    private readonly connection: RedisConnection,
    private readonly settings: SessionSettings,
    private readonly index: SessionIndex = new SessionIndex(settings.index),
    override readonly listeners: SessionListeners = new SessionListeners(),
    known?: KnownCutoffs,
  ) {
    super();
    const keys = new SessionKeys(settings.keyPrefix);
    const scripts = new ScriptRunner(connection);
    const users = new UserSessions(connection, keys);
    const cutoffs = known ?? new KnownCutoffs(connection, scripts, keys, listeners);
    const reader = new SessionReader(connection, scripts, keys, cutoffs, ({ id, userId }) =>
      this.revoke([id], userId, 'revoked'),
    );
    const documents = new DocumentWriter(reader, scripts, keys, index);
    const askTime = () => this.time();
    const { userLimit, storeTimeoutMs } = settings;
    const limited = userLimit && new LimitedSignIns(users, userLimit, 10 * storeTimeoutMs);
    this.#parts = {
      keys,
      scripts,
      users,
      limited,
      documents,
      index,
      settings,
      listeners,
      cutoffs,
      reader,
      askTime,
    };
  }

  durable(durability: Durability): SessionRepository {
    const connection = this.connection.durable(durability);
    const { settings, index, listeners } = this;
    return new RedisSessionRepository(connection, settings, index, listeners, this.#parts.cutoffs);
  }

  now(): number {
    return this.#parts.scripts.now();
  }

  read(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined> {
    return this.#parts.reader.read(id, only);
  }

  whyGone(id: SessionId): Promise<GoneSession | UnreadableSession | undefined> {
    return this.#parts.reader.whyGone(id);
  }

  async touch(record: SessionRecord): Promise<boolean> {
    const { scripts, keys, documents } = this.#parts;
    const { touchIntervalMs } = this.settings;
    const limit = limitOf(record, this.settings);
    const reply = await scripts.run((client) =>
      touch(client, keys, record, touchIntervalMs, this.index.version, limit),
    );
    await documents.writeIfAsked(record.id, reply);
    if (reply.status === 'void') {
      await tell(this.#parts, () => endingsOf([record.id], record.userId, 'revoked', reply.now));
    }
    return reply.status === 'saved';
  }

  async confirm(record: SessionRecord): Promise<void> {
    const { scripts, keys } = this.#parts;
    const { formerId } = record;
    if (formerId) await scripts.run((client) => confirm(client, keys, record, formerId));
  }

  create(session: NewSession, fields: ReadonlyMap<string, string>): Promise<WriteResult> {
    const later = this.#parts.cutoffs.countAsLater(session);
    return beginSession(this.#parts, later, fields, (at) => [
      beginningOf(session, fields.keys(), at),
    ]);
  }

  async commit(
    id: SessionId,
    changes: SessionChanges,
    expected?: Expectations,
  ): Promise<WriteResult> {
    const reply = await commitSession(this.#parts, id, changes, expected);
    if (reply.status === 'saved' && changes.size > 0) {
      const facts = { sessionId: id, userId: String(reply.rest[0]) || undefined, at: reply.now };
      await tell(this.#parts, () => [{ type: 'changed', ...facts, fields: [...changes.keys()] }]);
    }
    return writeResultOf(reply);
  }

  renew(renewal: Renewal): Promise<WriteResult> {
    const next = this.#parts.cutoffs.countAsLater(renewal.next);
    return renewSession(this.#parts, { ...renewal, next });
  }

  revoke(
    ids: readonly SessionId[],
    userId: string | undefined,
    reason: GoneReason,
  ): Promise<number> {
    const { scripts, keys } = this.#parts;
    return revokeSessions(scripts, keys, ids, userId, reason, (ended, at) =>
      tell(this.#parts, () => endingsOf(ended, userId, reason, at)),
    );
  }

  async revokeIf(
    record: SessionRecord,
    reason: GoneReason,
    expected: Expectations,
  ): Promise<WriteResult> {
    const { scripts, keys } = this.#parts;
    const reply = await scripts.run((client) => revokeIf(client, keys, record, reason, expected));
    if (reply.status === 'saved') {
      await tell(this.#parts, () => endingsOf([record.id], record.userId, reason, reply.now));
    }
    return writeResultOf(reply);
  }

  reindex(id: SessionId): Promise<boolean> {
    return this.#parts.documents.write(id);
  }

  revokeAllOfUser(userId: string, except?: SessionId): Promise<SignOutEverywhere> {
    return signOutEverywhere(this.#parts, userId, except, (ids) =>
      this.revoke(ids, userId, 'revoked'),
    );
  }

  revokeAll(request: CutoffRequest): Promise<void> {
    return this.#parts.cutoffs.add(request, this.#parts.scripts);
  }

  noteCutoff(): void {
    this.#parts.cutoffs.noteWritten();
  }

  idsOfUser(userId: string): Promise<SessionId[]> {
    return this.#parts.users.all(userId);
  }

  async time(): Promise<number> {
    const [seconds, microseconds] = await this.connection.send((client) => client.time());
    return Number(seconds) * 1000 + Number(microseconds) / 1000;
  }

  override parts(): readonly StorePart[] {
    return this.connection.parts ?? super.parts();
  }

  async ping(): Promise<number> {
    const before = performance.now();
    await this.connection.send((client) => client.ping());
    return performance.now() - before;
  }
}
