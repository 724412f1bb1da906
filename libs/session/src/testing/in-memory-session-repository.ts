import { applyChanges, type SessionChanges } from '../core/changes.js';
import { fieldsAfter, type NewSession, type Renewal } from '../core/outcome.js';
import type { GoneReason, SessionRecord } from '../core/record.js';
import { SessionRepository, type WriteResult } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { SessionError } from '../session.errors.js';

interface Entry {
  record: SessionRecord;
  endsAt: number;
}

/**
 * Sessions in the memory of one process, for tests that have no Redis. It passes the same contract as the repository
 * for Redis. Not for production: a restart signs everybody out, and two instances do not see each other.
 */
export class InMemorySessionRepository extends SessionRepository {
  readonly #entries = new Map<SessionId, Entry>();
  readonly #gone = new Map<SessionId, GoneReason>();

  now(): number {
    return Date.now();
  }

  async read(id: SessionId): Promise<SessionRecord | undefined> {
    return this.#live(id)?.record;
  }

  async whyGone(id: SessionId): Promise<GoneReason | undefined> {
    return this.#gone.get(id);
  }

  async touch({ id }: SessionRecord): Promise<boolean> {
    const entry = this.#live(id);
    if (entry) this.#put({ ...entry.record, lastSeenAt: this.now() });
    return entry !== undefined;
  }

  async create(
    { id, userId, lifetime, device }: NewSession,
    fields: ReadonlyMap<string, string>,
  ): Promise<WriteResult> {
    if (this.#live(id)) return { kind: 'gone' };
    const now = this.now();
    this.#put({
      id,
      createdAt: now,
      lastSeenAt: now,
      idleSeconds: lifetime.idleSeconds,
      deadlineAt: now + lifetime.absoluteSeconds * 1000,
      userId,
      authenticatedAt: userId === undefined ? undefined : now,
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
    const { from, next, isAuthenticated, keepsData, changes } = renewal;
    const entry = this.#live(from.id);
    if (!entry) return { kind: 'gone' };
    const old = entry.record;
    const refused = keepsData ? refusalOf(old.fields, changes) : undefined;
    if (refused) return refused;
    this.#end(old.id, keepsData ? 'renewed' : 'signed-out');
    const fields = fieldsAfter({ ...renewal, from: old });
    if (isAuthenticated) {
      await this.create(next, fields);
      if (keepsData) this.#put({ ...this.#live(next.id)!.record, createdAt: old.createdAt });
    } else {
      this.#put({ ...old, id: next.id, lastSeenAt: this.now(), fields });
    }
    return { kind: 'saved' };
  }

  async revoke(
    ids: readonly SessionId[],
    _userId: string | undefined,
    reason: GoneReason,
  ): Promise<number> {
    return ids.filter((id) => this.#end(id, reason)).length;
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

  #put(record: SessionRecord): void {
    const idleEnd = record.lastSeenAt + record.idleSeconds * 1000;
    this.#entries.set(record.id, { record, endsAt: Math.min(idleEnd, record.deadlineAt) });
  }

  #end(id: SessionId, reason: GoneReason): boolean {
    const wasAlive = this.#live(id) !== undefined;
    if (wasAlive) this.#gone.set(id, reason);
    this.#entries.delete(id);
    return wasAlive;
  }
}

function refusalOf(
  fields: ReadonlyMap<string, string>,
  changes: SessionChanges,
): WriteResult | undefined {
  const conflicts = new Map<string, string | undefined>();
  for (const [field, change] of changes) {
    const current = fields.get(field);
    if (change.kind === 'replace' && current !== change.expected) conflicts.set(field, current);
  }
  if (conflicts.size > 0) return { kind: 'conflict', current: conflicts };
  for (const [field, change] of changes) {
    if (change.kind !== 'add' || typeof JSON.parse(fields.get(field) ?? '0') === 'number') continue;
    throw new SessionError(
      'SESSION_FORMAT',
      `The session field "${field}" cannot be incremented: it does not hold a number. Nothing was saved. Set it to a number first.`,
    );
  }
  return undefined;
}
