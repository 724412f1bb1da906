import { deepEqual, ok } from 'node:assert/strict';
import type { FieldChange } from '../../core/changes.js';
import type { NewSession, Renewal } from '../../core/outcome.js';
import type { SessionRecord } from '../../core/record.js';
import type { LocalSessionEvent } from '../../core/session-event.js';
import type { SessionRepository } from '../../core/session-repository.js';
import {
  createToken,
  idOfToken,
  shardOfId,
  shardOfUser,
  type SessionId,
} from '../../core/token.js';

export const LONG = { idleSeconds: 600, absoluteSeconds: 3600 };
export const SAVED = { kind: 'saved' };
export const GONE = { kind: 'gone' };
export const set = (value: unknown): FieldChange => ({ kind: 'set', text: JSON.stringify(value) });
export const add = (amount: number): FieldChange => ({ kind: 'add', amount });
export const fields = (data: Record<string, unknown>): Map<string, string> =>
  new Map(Object.entries(data).map(([field, value]) => [field, JSON.stringify(value)]));

let users = 0;

/** Nobody of another clause, or of another run. */
export const newUser = (): string => `contract-${process.pid}-${Date.now()}-${users++}`;

export function newSession(userId?: string, lifetime = LONG, near?: SessionId): NewSession {
  const ofGuest = near && shardOfId(near);
  const token = createToken(userId === undefined ? ofGuest : shardOfUser(userId));
  const device = { address: '192.0.2.7', agent: 'Contract/1.0' };
  return {
    id: idOfToken(token),
    token,
    userId,
    lifetime,
    device,
    provenAt: performance.now(),
    afterEpoch: undefined,
  };
}

export function renewal(from: SessionRecord, given: Partial<Renewal> = {}): Renewal {
  return {
    kind: 'renewed',
    from,
    next: newSession(from.userId, LONG, from.id),
    isAuthenticated: false,
    alias: undefined,
    keepsData: true,
    changes: new Map(),
    ...given,
  };
}

export async function begin(
  repository: SessionRepository,
  userId?: string,
  data: Record<string, unknown> = {},
  lifetime = LONG,
): Promise<SessionRecord> {
  const session = newSession(userId, lifetime);
  deepEqual(await repository.create(session, fields(data)), SAVED);
  return read(repository, session.id);
}

export async function read(repository: SessionRepository, id: SessionId): Promise<SessionRecord> {
  const record = await repository.read(id);
  ok(record, 'the session is there');
  return record;
}

/** What a repository tells while something is done with it. */
export async function heard(
  repository: SessionRepository,
  act: () => Promise<unknown>,
): Promise<LocalSessionEvent[]> {
  const events: LocalSessionEvent[] = [];
  const stop = repository.listeners.add((told) => void events.push(...told));
  await act();
  stop();
  return events;
}

export function withoutTime({ at, ...event }: LocalSessionEvent): Omit<LocalSessionEvent, 'at'> {
  ok(at > 0);
  return event;
}

export async function untilGone(
  repository: SessionRepository,
  id: SessionId,
  meanwhile: () => Promise<unknown> = tick,
): Promise<void> {
  const patience = Date.now() + 5000;
  while (await repository.read(id)) {
    ok(Date.now() < patience, 'the session ends');
    await meanwhile();
  }
}

export async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
