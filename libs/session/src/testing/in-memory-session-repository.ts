import { Inject, Injectable, Optional } from '@nestjs/common';
import { applyChanges, type SessionChanges } from '../core/changes.js';
import { fieldsAfter, type NewSession, type Renewal } from '../core/outcome.js';
import type { GoneReason, GoneSession, SessionRecord } from '../core/record.js';
import { SessionRepository, type WriteResult } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { SessionSettings } from '../session.settings.js';
import { refusalOf } from './refusal-of-changes.js';

const NOWHERE = { successor: undefined, signedInAs: undefined, isAlias: false };

interface Entry {
  record: SessionRecord;
  endsAt: number;
  /** Until when a sign-out-everywhere has spared it. */
  sparedAt: number;
}

/**
 * Sessions in the memory of one process, for tests that have no Redis. It passes the same contract as the repository
 * for Redis. Not for production: a restart signs everybody out, and two instances do not see each other.
 */
@Injectable()
export class InMemorySessionRepository extends SessionRepository {
  readonly #entries = new Map<SessionId, Entry>();
  readonly #gone = new Map<SessionId, GoneSession>();
  readonly #epochs = new Map<string, number>();

  constructor(
    @Optional()
    @Inject(SessionSettings)
    private readonly settings?: Pick<SessionSettings, 'userLimit'>,
  ) {
    super();
  }

  now(): number {
    return Date.now();
  }

  async time(): Promise<number> {
    return Date.now();
  }

  async read(id: SessionId): Promise<SessionRecord | undefined> {
    return this.#live(id)?.record;
  }

  async whyGone(id: SessionId): Promise<GoneSession | undefined> {
    return this.#gone.get(id);
  }

  async touch({ id }: SessionRecord): Promise<boolean> {
    const entry = this.#live(id);
    if (!entry || this.#isVoid(entry)) return false;
    this.#put({ ...entry.record, lastSeenAt: this.now() });
    return true;
  }

  async create(
    { id, userId, lifetime, device, provenAt }: NewSession,
    fields: ReadonlyMap<string, string>,
  ): Promise<WriteResult> {
    if (this.#live(id)) return { kind: 'gone' };
    const now = this.now();
    const authenticatedAt = now - Math.ceil(performance.now() - provenAt);
    if (authenticatedAt <= this.#epochOf(userId)) return { kind: 'gone' };
    if (!this.#makeRoom(userId)) return { kind: 'limit' };
    this.#put({
      id,
      createdAt: now,
      lastSeenAt: now,
      idleSeconds: lifetime.idleSeconds,
      deadlineAt: now + lifetime.absoluteSeconds * 1000,
      userId,
      authenticatedAt: userId === undefined ? undefined : authenticatedAt,
      tokenAt: now,
      device: userId === undefined ? { address: undefined, agent: undefined } : device,
      fields: new Map(fields),
    });
    return { kind: 'saved' };
  }

  async commit(id: SessionId, changes: SessionChanges): Promise<WriteResult> {
    const entry = this.#live(id);
    if (!entry) return { kind: 'gone' };
    const refused = refusalOf(entry.record.fields, changes);
    if (refused) return refused;
    this.#put({ ...entry.record, fields: applyChanges(entry.record.fields, changes) });
    return { kind: 'saved' };
  }

  async renew(renewal: Renewal): Promise<WriteResult> {
    const { from, next, isAuthenticated, keepsAlias, keepsData, changes } = renewal;
    const entry = this.#live(from.id);
    if (!entry) return { kind: 'gone' };
    const old = entry.record;
    if (!isAuthenticated && this.#isVoid(entry)) return { kind: 'gone' };
    const refused = keepsData ? refusalOf(old.fields, changes) : undefined;
    if (refused) return refused;
    const fields = fieldsAfter({ ...renewal, from: old });
    if (isAuthenticated) {
      const created = await this.create(next, fields);
      if (created.kind !== 'saved') return created;
      const { record } = this.#live(next.id)!;
      if (old.userId === next.userId) this.#put({ ...record, createdAt: old.createdAt });
    } else {
      const now = this.now();
      this.#put({ ...old, id: next.id, lastSeenAt: now, tokenAt: now, fields }, entry.sparedAt);
    }
    this.#end(old.id, keepsData ? 'renewed' : 'signed-out', {
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
    return ids.filter((id) => this.#end(id, reason)).length;
  }

  async revokeAllOfUser(userId: string, except?: SessionId): Promise<number> {
    this.#epochs.set(userId, this.now());
    const spared = except && this.#live(except);
    if (spared) this.#put(spared.record, this.now());
    const ids = await this.idsOfUser(userId);
    return this.revoke(
      ids.filter((id) => id !== except),
      userId,
      'revoked',
    );
  }

  async idsOfUser(userId: string): Promise<SessionId[]> {
    const entries = [...this.#entries.values()];
    return entries.filter(({ record }) => record.userId === userId).map(({ record }) => record.id);
  }

  async ping(): Promise<number> {
    return 0;
  }

  #live(id: SessionId): Entry | undefined {
    const entry = this.#entries.get(id);
    if (!entry || entry.endsAt > this.now()) return entry;
    this.#entries.delete(id);
    return undefined;
  }

  #put(record: SessionRecord, sparedAt = this.#entries.get(record.id)?.sparedAt ?? 0): void {
    const idleEnd = record.lastSeenAt + record.idleSeconds * 1000;
    const endsAt = Math.min(idleEnd, record.deadlineAt);
    this.#entries.set(record.id, { record, endsAt, sparedAt });
  }

  /** @returns `false` when the user may have no more sessions. */
  #makeRoom(userId: string | undefined): boolean {
    const { userLimit } = this.settings ?? {};
    if (!userLimit || userId === undefined) return true;
    const live = [...this.#entries.keys()]
      .flatMap((id) => this.#live(id)?.record ?? [])
      .filter((record) => record.userId === userId)
      .toSorted((a, b) => a.authenticatedAt! - b.authenticatedAt!);
    const tooMany = live.slice(0, Math.max(0, live.length - userLimit.limit + 1));
    if (tooMany.length > 0 && userLimit.whenReached === 'refuse') return false;
    for (const { id } of tooMany) this.#end(id, 'evicted');
    return true;
  }

  #epochOf(userId: string | undefined): number {
    return (userId === undefined ? undefined : this.#epochs.get(userId)) ?? 0;
  }

  #isVoid({ record, sparedAt }: Entry): boolean {
    const epoch = this.#epochOf(record.userId);
    return epoch >= (record.authenticatedAt ?? Infinity) && epoch > sparedAt;
  }

  #end(id: SessionId, reason: GoneReason, whither: Omit<GoneSession, 'reason'> = NOWHERE): boolean {
    const wasAlive = this.#live(id) !== undefined;
    if (wasAlive) this.#gone.set(id, { reason, ...whither });
    this.#entries.delete(id);
    return wasAlive;
  }
}
