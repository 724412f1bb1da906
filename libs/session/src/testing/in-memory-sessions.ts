import type { GoneReason, GoneSession, SessionRecord } from '../core/record.js';
import {
  type CutoffRequest,
  cutoffInTheFuture,
  MOST_AHEAD_MS,
  MOST_CUTOFFS,
  scopesOf,
  SessionCutoffs,
  tooManyCutoffs,
} from '../core/session-cutoffs.js';
import type { SessionId } from '../core/token.js';

interface Entry {
  readonly record: SessionRecord;
  readonly endsAt: number;
  /** The last sign-out everywhere that left it alone. */
  readonly sparedAt: number;
}

const NOWHERE = { successor: undefined, signedInAs: undefined, isAlias: false };

/** The sessions of one process, each until its end, and why others have ended. */
export class InMemorySessions {
  readonly #entries = new Map<SessionId, Entry>();
  readonly #gone = new Map<SessionId, GoneSession>();
  readonly #epochs = new Map<string, number>();
  readonly #moments = new Map<string, number>();
  cutoffs = SessionCutoffs.NONE;

  find(id: SessionId): SessionRecord | undefined {
    return this.#live(id)?.record;
  }

  findPart(id: SessionId, only: readonly string[]): SessionRecord | undefined {
    const record = this.find(id);
    const fields = [...(record?.fields ?? [])].filter(([field]) => only.includes(field));
    return record && { ...record, fields: new Map(fields) };
  }

  ofUser(userId: string): SessionRecord[] {
    const records = [...this.#entries.keys()].flatMap((id) => this.find(id) ?? []);
    return records.filter((record) => record.userId === userId);
  }

  put(record: SessionRecord, sparedAt = this.#entries.get(record.id)?.sparedAt ?? 0): void {
    const idleEnd = record.lastSeenAt + record.idleSeconds * 1000;
    const endsAt = Math.min(idleEnd, record.deadlineAt);
    this.#entries.set(record.id, { record, endsAt, sparedAt });
  }

  /** The session goes on under another id. */
  move(from: SessionId, record: SessionRecord): void {
    this.put(record, this.#entries.get(from)?.sparedAt);
  }

  end(id: SessionId, reason: GoneReason, whither: Omit<GoneSession, 'reason'> = NOWHERE): boolean {
    const wasAlive = this.#live(id) !== undefined;
    if (wasAlive) this.#gone.set(id, { reason, ...whither });
    this.#entries.delete(id);
    return wasAlive;
  }

  /** The token of a session that was renewed leads to where that is now. */
  lead(id: SessionId, successor: SessionId): void {
    this.#gone.set(id, { reason: 'renewed', successor, signedInAs: undefined, isAlias: true });
  }

  /** Ends it without a word. */
  drop(id: SessionId): void {
    this.#entries.delete(id);
  }

  whyGone(id: SessionId): GoneSession | undefined {
    return this.#gone.get(id);
  }

  /** Declares void what the user has proved until now, but for one session. */
  voidUser(userId: string, except: SessionId | undefined): number {
    const epoch = exactNow();
    this.#epochs.set(userId, epoch);
    const spared = except && this.find(except);
    if (spared?.userId === userId) this.put(spared, epoch);
    return epoch;
  }

  epochOf(userId: string | undefined): number {
    return (userId === undefined ? undefined : this.#epochs.get(userId)) ?? 0;
  }

  isVoid({ id, userId, authenticatedAt }: SessionRecord): boolean {
    const epoch = this.epochOf(userId);
    const sparedAt = this.#entries.get(id)?.sparedAt ?? 0;
    return Math.floor(epoch) >= (authenticatedAt ?? Infinity) && epoch > sparedAt;
  }

  /** @throws {SessionError} `SESSION_STATE` for a moment in the future, or one cutoff too many. */
  cutOff(request: CutoffRequest): void {
    const now = Math.floor(exactNow());
    if (request.before > now + MOST_AHEAD_MS) throw cutoffInTheFuture();
    const moment = Math.min(request.before, now + 1);
    const scopes = scopesOf(request);
    const all = new Set([...this.#moments.keys(), ...scopes]);
    const tenants = [...all].filter((scope) => scope.includes(' '));
    if (tenants.length > MOST_CUTOFFS) throw tooManyCutoffs();
    for (const scope of scopes) {
      this.#moments.set(scope, Math.max(moment, this.#moments.get(scope) ?? 0));
    }
    this.cutoffs = new SessionCutoffs(this.#moments);
  }

  #live(id: SessionId): Entry | undefined {
    const entry = this.#entries.get(id);
    if (!entry || entry.endsAt > exactNow()) return entry;
    this.#entries.delete(id);
    return undefined;
  }
}

/** The time with its fraction, for the order of what happens within a millisecond. */
export function exactNow(): number {
  return performance.timeOrigin + performance.now();
}
