import { Inject, Injectable, Optional } from '@nestjs/common';
import { applyChanges, type Expectations, type SessionChanges } from '../core/changes.js';
import { fieldsAfter, type NewSession, type Renewal } from '../core/outcome.js';
import type { GoneReason, GoneSession, SessionRecord } from '../core/record.js';
import {
  SessionRepository,
  type SignOutEverywhere,
  type WriteResult,
} from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { SessionSettings } from '../session.settings.js';
import { exactNow, InMemorySessions } from './in-memory-sessions.js';
import { refusalOf } from './refusal-of-changes.js';

/**
 * Sessions in the memory of one process, for tests that have no Redis. It passes the same contract as the repository
 * for Redis. Not for production: a restart signs everybody out, and two instances do not see each other.
 */
@Injectable()
export class InMemorySessionRepository extends SessionRepository {
  readonly #sessions = new InMemorySessions();

  /**
   * Without sessions; each repository has its own.
   *
   * @param settings `userLimit` is how many sessions a user may have, as the module has it. Default: any number.
   */
  constructor(
    @Optional()
    @Inject(SessionSettings)
    private readonly settings?: Pick<SessionSettings, 'userLimit'>,
  ) {
    super();
  }

  /** Nothing here outlives its process. */
  durable(): SessionRepository {
    return this;
  }

  now(): number {
    return Math.floor(exactNow());
  }

  async time(): Promise<number> {
    return this.now();
  }

  async read(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined> {
    return only ? this.#sessions.findPart(id, only) : this.#sessions.find(id);
  }

  async whyGone(id: SessionId): Promise<GoneSession | undefined> {
    return this.#sessions.whyGone(id);
  }

  async touch({ id }: SessionRecord): Promise<boolean> {
    const record = this.#sessions.find(id);
    if (!record || this.#sessions.isVoid(record)) return false;
    this.#sessions.put({ ...record, lastSeenAt: this.now() });
    return true;
  }

  async create(session: NewSession, fields: ReadonlyMap<string, string>): Promise<WriteResult> {
    return this.#create(session, fields);
  }

  async commit(
    id: SessionId,
    changes: SessionChanges,
    expected?: Expectations,
  ): Promise<WriteResult> {
    const record = this.#sessions.find(id);
    if (!record) return { kind: 'gone' };
    const refused = refusalOf(record.fields, changes, expected);
    if (refused) return refused;
    this.#sessions.put({ ...record, fields: applyChanges(record.fields, changes) });
    return { kind: 'saved' };
  }

  async renew(renewal: Renewal): Promise<WriteResult> {
    const { next, isAuthenticated, keepsAlias, keepsData, changes } = renewal;
    const from = this.#sessions.find(renewal.from.id);
    if (!from || (!isAuthenticated && this.#sessions.isVoid(from))) return { kind: 'gone' };
    const refused = keepsData ? refusalOf(from.fields, changes) : undefined;
    if (refused) return refused;
    const moved = this.#move({ ...renewal, from });
    if (moved.kind !== 'saved') return moved;
    this.#sessions.end(from.id, keepsData ? 'renewed' : 'signed-out', {
      successor: isAuthenticated ? undefined : next.id,
      signedInAs: isAuthenticated && keepsData ? next.id : undefined,
      isAlias: keepsAlias,
    });
    return { kind: 'saved' };
  }

  async revoke(
    ids: readonly SessionId[],
    _userId: string | undefined,
    reason: GoneReason,
  ): Promise<number> {
    return ids.filter((id) => this.#sessions.end(id, reason)).length;
  }

  async revokeIf(
    { id }: SessionRecord,
    reason: GoneReason,
    expected: Expectations,
  ): Promise<WriteResult> {
    const record = this.#sessions.find(id);
    if (!record) return { kind: 'gone' };
    const refused = refusalOf(record.fields, new Map(), expected);
    if (refused) return refused;
    this.#sessions.end(id, reason);
    return { kind: 'saved' };
  }

  /** There is no index in memory. */
  async reindex(id: SessionId): Promise<boolean> {
    return this.#sessions.find(id) !== undefined;
  }

  async revokeAllOfUser(userId: string, except?: SessionId): Promise<SignOutEverywhere> {
    const epoch = String(this.#sessions.voidUser(userId, except));
    const ids = await this.idsOfUser(userId);
    const others = ids.filter((id) => id !== except);
    return { ended: await this.revoke(others, userId, 'revoked'), epoch };
  }

  async idsOfUser(userId: string): Promise<SessionId[]> {
    return this.#sessions.ofUser(userId).map(({ id }) => id);
  }

  async ping(): Promise<number> {
    return 0;
  }

  #create(session: NewSession, fields: ReadonlyMap<string, string>): WriteResult {
    const { id, userId, lifetime, device, provenAt, afterEpoch } = session;
    if (this.#sessions.find(id) || this.#sessions.whyGone(id)) return { kind: 'gone' };
    const now = this.now();
    const [proof, epoch] = [performance.timeOrigin + provenAt, this.#sessions.epochOf(userId)];
    if (proof <= epoch && afterEpoch !== String(epoch)) return { kind: 'gone' };
    if (!this.#makeRoom(userId)) return { kind: 'limit' };
    const isGuest = userId === undefined;
    this.#sessions.put({
      id,
      createdAt: now,
      lastSeenAt: now,
      idleSeconds: lifetime.idleSeconds,
      deadlineAt: now + lifetime.absoluteSeconds * 1000,
      userId,
      authenticatedAt: isGuest ? undefined : Math.max(Math.floor(proof), Math.floor(epoch) + 1),
      tokenAt: now,
      device: isGuest ? { address: undefined, agent: undefined } : device,
      fields: new Map(fields),
    });
    return { kind: 'saved' };
  }

  #move(renewal: Renewal): WriteResult {
    const { from, next, isAuthenticated } = renewal;
    const fields = fieldsAfter(renewal);
    if (!isAuthenticated) {
      const now = this.now();
      this.#sessions.move(from.id, { ...from, id: next.id, lastSeenAt: now, tokenAt: now, fields });
      return { kind: 'saved' };
    }
    const created = this.#create(next, fields);
    const record = this.#sessions.find(next.id);
    if (record && from.userId === next.userId) {
      this.#sessions.put({ ...record, createdAt: from.createdAt });
    }
    return created;
  }

  /** @returns `false` when the user may have no more sessions. */
  #makeRoom(userId: string | undefined): boolean {
    const { userLimit } = this.settings ?? {};
    if (!userLimit || userId === undefined) return true;
    const oldestFirst = this.#sessions
      .ofUser(userId)
      .toSorted((a, b) => a.authenticatedAt! - b.authenticatedAt!);
    const tooMany = oldestFirst.slice(0, Math.max(0, oldestFirst.length - userLimit.limit + 1));
    if (tooMany.length > 0 && userLimit.whenReached === 'refuse') return false;
    for (const { id } of tooMany) this.#sessions.end(id, 'evicted');
    return true;
  }
}
