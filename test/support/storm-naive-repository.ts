import type { Cluster, Redis } from 'ioredis';
import type { SessionChanges } from '../../libs/session/src/core/changes.js';
import { fieldsAfter, type NewSession, type Renewal } from '../../libs/session/src/core/outcome.js';
import type { GoneReason, GoneSession, SessionRecord } from '../../libs/session/src/core/record.js';
import {
  SessionRepository,
  type SignOutEverywhere,
  type WriteResult,
} from '../../libs/session/src/core/session-repository.js';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { checkOf, LAYOUT_VERSION, recordOfHash } from '../../libs/session/src/redis/hash-codec.js';
import { SessionKeys } from '../../libs/session/src/redis/keys.js';
import type { SessionSettings } from '../../libs/session/src/session.settings.js';

const GONE_SECONDS = 300;

/**
 * What the library would be without scripts: the same checks and the same writes in the same order, each a command
 * of its own. It works, until two requests meet; an oracle that finds nothing wrong with it sees nothing.
 */
export class NaiveSessionRepository extends SessionRepository {
  readonly #keys = new SessionKeys('');

  constructor(
    // What is called here has the same shape on both.
    private readonly client: Redis,
    private readonly settings: SessionSettings,
  ) {
    super();
  }

  static over(client: Redis | Cluster, settings: SessionSettings): NaiveSessionRepository {
    return new NaiveSessionRepository(client as Redis, settings);
  }

  durable(): SessionRepository {
    return this;
  }

  now(): number {
    return Date.now();
  }

  async read(id: SessionId): Promise<SessionRecord | undefined> {
    const hash = await this.client.hgetall(this.#keys.session(id));
    return recordOfHash(id, Object.entries(hash).flat());
  }

  async whyGone(id: SessionId): Promise<GoneSession | undefined> {
    const text = await this.client.get(this.#keys.gone(id));
    if (text === null) return undefined;
    const [reason, successor] = text.split(':') as [GoneReason, SessionId?];
    return { reason, successor, signedInAs: undefined, isAlias: false };
  }

  async touch(record: SessionRecord): Promise<boolean> {
    const key = this.#keys.session(record.id);
    if ((await this.client.exists(key)) === 0) return false;
    await this.client.pexpire(key, this.#ttlOf(record.idleSeconds, record.deadlineAt));
    await this.client.hset(key, '~seen', Date.now());
    return true;
  }

  async create(session: NewSession, fields: ReadonlyMap<string, string>): Promise<WriteResult> {
    const { id, userId, lifetime, provenAt } = session;
    const key = this.#keys.session(id);
    if ((await this.client.exists(key)) === 1) return { kind: 'gone' };
    const now = Date.now();
    const auth = now - Math.ceil(performance.now() - provenAt);
    if (userId !== undefined) {
      if (await this.#isVoid(userId, auth)) return { kind: 'gone' };
      if (!(await this.#makeRoom(userId))) return { kind: 'limit' };
    }
    const deadline = now + lifetime.absoluteSeconds * 1000;
    const owner = userId === undefined ? {} : { '~user': userId, '~auth': auth };
    await this.client.hset(key, {
      '~id': checkOf(id),
      '~v': LAYOUT_VERSION,
      '~created': now,
      '~seen': now,
      '~idle': lifetime.idleSeconds,
      '~until': deadline,
      ...owner,
      ...Object.fromEntries(fields),
    });
    await this.client.pexpire(key, this.#ttlOf(lifetime.idleSeconds, deadline));
    if (userId !== undefined) await this.#remember(userId, id, deadline - now);
    return { kind: 'saved' };
  }

  async commit(id: SessionId, changes: SessionChanges): Promise<WriteResult> {
    const key = this.#keys.session(id);
    if ((await this.client.exists(key)) === 0) return { kind: 'gone' };
    for (const [field, change] of changes) {
      if (change.kind === 'remove') await this.client.hdel(key, field);
      else if (change.kind === 'add') await this.client.hincrby(key, field, change.amount);
      else if ('text' in change) await this.client.hset(key, field, change.text);
    }
    return { kind: 'saved' };
  }

  async renew(renewal: Renewal): Promise<WriteResult> {
    const { from, next, changes } = renewal;
    const { userId } = from;
    const hash = await this.client.hgetall(this.#keys.session(from.id));
    if (!hash['~id']) return { kind: 'gone' };
    if (userId !== undefined && (await this.#isVoid(userId, Number(hash['~auth'])))) {
      return { kind: 'gone' };
    }
    const key = this.#keys.session(next.id);
    const fields = changes.size === 0 ? {} : Object.fromEntries(fieldsAfter(renewal));
    await this.client.hset(key, { ...hash, ...fields, '~id': checkOf(next.id) });
    await this.client.pexpire(key, this.#ttlOf(from.idleSeconds, from.deadlineAt));
    await this.client.del(this.#keys.session(from.id));
    if (userId !== undefined) {
      await this.client.srem(this.#keys.user(userId), from.id);
      await this.#remember(userId, next.id, from.deadlineAt - Date.now());
    }
    await this.client.set(this.#keys.gone(from.id), `renewed:${next.id}`, 'EX', GONE_SECONDS);
    return { kind: 'saved' };
  }

  async revoke(
    ids: readonly SessionId[],
    userId: string | undefined,
    reason: GoneReason,
  ): Promise<number> {
    let alive = 0;
    for (const id of ids) {
      if ((await this.client.exists(this.#keys.session(id))) === 1) {
        alive++;
        await this.client.del(this.#keys.session(id));
        await this.client.set(this.#keys.gone(id), reason, 'EX', GONE_SECONDS);
      }
      if (userId !== undefined) await this.client.srem(this.#keys.user(userId), id);
    }
    return alive;
  }

  async revokeIf({ id, userId }: SessionRecord, reason: GoneReason): Promise<WriteResult> {
    return { kind: (await this.revoke([id], userId, reason)) > 0 ? 'saved' : 'gone' };
  }

  async reindex(): Promise<boolean> {
    return false;
  }

  async revokeAllOfUser(userId: string): Promise<SignOutEverywhere> {
    const { absoluteSeconds } = this.settings.lifetime;
    const epoch = String(Date.now());
    await this.client.set(this.#keys.epoch(userId), epoch, 'EX', absoluteSeconds);
    return { ended: await this.revoke(await this.idsOfUser(userId), userId, 'revoked'), epoch };
  }

  async idsOfUser(userId: string): Promise<SessionId[]> {
    return (await this.client.smembers(this.#keys.user(userId))) as SessionId[];
  }

  async time(): Promise<number> {
    return Date.now();
  }

  async ping(): Promise<number> {
    return 0;
  }

  #ttlOf(idleSeconds: number, deadlineAt: number): number {
    return Math.min(idleSeconds * 1000 + this.settings.touchIntervalMs, deadlineAt - Date.now());
  }

  async #isVoid(userId: string, auth: number): Promise<boolean> {
    const epoch = await this.client.get(this.#keys.epoch(userId));
    return epoch !== null && Number(epoch) >= auth;
  }

  /** @returns `false` when the user has as many sessions as they may. */
  async #makeRoom(userId: string): Promise<boolean> {
    const { userLimit } = this.settings;
    if (!userLimit) return true;
    const ids = await this.idsOfUser(userId);
    const excess = ids.length + 1 - userLimit.limit;
    if (excess > 0 && userLimit.whenReached === 'refuse') return false;
    if (excess > 0) await this.revoke(ids.slice(0, excess), userId, 'evicted');
    return true;
  }

  async #remember(userId: string, id: SessionId, ms: number): Promise<void> {
    const key = this.#keys.user(userId);
    await this.client.sadd(key, id);
    if ((await this.client.pttl(key)) < ms) await this.client.pexpire(key, ms);
  }
}
