import { Inject, Injectable, Optional } from '@nestjs/common';
import { applyChanges, type Expectations, type SessionChanges } from '../core/changes.js';
import type { NewSession, Renewal } from '../core/outcome.js';
import type { GoneReason, GoneSession, SessionRecord } from '../core/record.js';
import type { CutoffRequest } from '../core/session-cutoffs.js';
import {
  beginningOf,
  endingsOf,
  type LocalSessionEvent,
  renewalOf,
} from '../core/session-event.js';
import {
  SessionRepository,
  type SignOutEverywhere,
  type WriteResult,
} from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { SessionSettings } from '../session.settings.js';
import { beginIn, moveIn } from './in-memory-beginning.js';
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
    const record = this.#sessions.find(id);
    if (record && this.#sessions.cutoffs.isVoid(record)) {
      await this.revoke([id], record.userId, 'revoked');
      return undefined;
    }
    return record && only ? this.#sessions.findPart(id, only) : record;
  }

  async whyGone(id: SessionId): Promise<GoneSession | undefined> {
    return this.#sessions.whyGone(id);
  }

  async touch({ id }: SessionRecord): Promise<boolean> {
    const record = this.#sessions.find(id);
    if (!record) return false;
    if (this.#sessions.isVoid(record)) {
      this.#sessions.drop(id);
      await this.#tell((at) => endingsOf([id], record.userId, 'revoked', at));
      return false;
    }
    this.#sessions.put({ ...record, lastSeenAt: this.now() });
    return true;
  }

  async confirm({ id, formerId }: SessionRecord): Promise<void> {
    const record = this.#sessions.find(id);
    if (!record || record.formerId !== formerId) return;
    this.#sessions.put({ ...record, formerId: undefined });
  }

  async create(session: NewSession, fields: ReadonlyMap<string, string>): Promise<WriteResult> {
    const { kind, evicted } = beginIn(this.#sessions, this.#userLimit, session, fields);
    if (kind === 'limit' && (await this.#endInvalid(session))) return this.create(session, fields);
    await this.#tell((at) => [
      ...endingsOf(evicted, session.userId, 'evicted', at),
      ...(kind === 'saved' ? [beginningOf(session, fields.keys(), at)] : []),
    ]);
    return { kind };
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
    if (changes.size > 0) {
      const facts = { sessionId: id, userId: record.userId, fields: [...changes.keys()] };
      await this.#tell((at) => [{ type: 'changed', ...facts, at }]);
    }
    return { kind: 'saved' };
  }

  async renew(renewal: Renewal): Promise<WriteResult> {
    const { next, isAuthenticated, alias, keepsData, changes } = renewal;
    const from = this.#sessions.find(renewal.from.id);
    if (!from || (!isAuthenticated && this.#sessions.isVoid(from))) return { kind: 'gone' };
    const refused = keepsData ? refusalOf(from.fields, changes) : undefined;
    if (refused) return refused;
    const moved = { ...renewal, from };
    const { kind, evicted } = moveIn(this.#sessions, this.#userLimit, moved);
    if (kind === 'limit') return (await this.#endInvalid(next)) ? this.renew(renewal) : { kind };
    if (kind !== 'saved') return { kind };
    const reason = keepsData ? 'renewed' : 'signed-out';
    const wasAlive = this.#sessions.end(from.id, reason, whitherOf(renewal));
    if (alias) this.#sessions.lead(alias, next.id);
    await this.#tell((at) => [
      ...endingsOf(evicted, next.userId, 'evicted', at),
      ...endingsOf(wasAlive ? [from.id] : [], from.userId, reason, at),
      renewalOf(moved, at),
    ]);
    return { kind };
  }

  async revoke(
    ids: readonly SessionId[],
    userId: string | undefined,
    reason: GoneReason,
  ): Promise<number> {
    const ended = ids.filter((id) => this.#sessions.end(id, reason));
    await this.#tell((at) => endingsOf(ended, userId, reason, at));
    return ended.length;
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
    await this.#tell((at) => endingsOf([id], record.userId, reason, at));
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

  async revokeAll(request: CutoffRequest): Promise<void> {
    this.#sessions.cutOff(request);
    await this.listeners.cutoffWritten();
    this.listeners.cutoffsChanged();
  }

  async ping(): Promise<number> {
    return 0;
  }

  /** Sessions that a cutoff has made invalid take up room until they are read. @returns whether there were any. */
  async #endInvalid({ userId }: NewSession): Promise<boolean> {
    const ids = userId === undefined ? [] : await this.idsOfUser(userId);
    const records = await Promise.all(ids.map((id) => this.read(id, [])));
    return records.includes(undefined);
  }

  get #userLimit(): SessionSettings['userLimit'] {
    return this.settings?.userLimit;
  }

  async #tell(eventsOf: (at: number) => LocalSessionEvent[]): Promise<void> {
    if (this.listeners.isHeard) await this.listeners.tell(eventsOf(this.now()));
  }
}

/** Where a session goes on that was renewed. */
function whitherOf({
  next,
  isAuthenticated,
  keepsData,
  alias,
}: Renewal): Omit<GoneSession, 'reason'> {
  return {
    successor: isAuthenticated ? undefined : next.id,
    signedInAs: isAuthenticated && keepsData ? next.id : undefined,
    isAlias: alias !== undefined,
  };
}
