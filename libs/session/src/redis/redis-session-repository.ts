import { Logger } from '@nestjs/common';
import type { SessionChanges } from '../core/changes.js';
import { fieldsAfter, type NewSession, type Renewal } from '../core/outcome.js';
import type { GoneReason, GoneSession, SessionRecord } from '../core/record.js';
import {
  SessionRepository,
  type SignOutEverywhere,
  type WriteResult,
} from '../core/session-repository.js';
import { shardOfId, shardOfUser, type SessionId } from '../core/token.js';
import type { RedisClient } from '../redis-client.js';
import type { SessionSettings } from '../session.settings.js';
import { type GoneText, goneOfText } from './gone-codec.js';
import { recordOfHash } from './hash-codec.js';
import { SessionKeys } from './keys.js';
import { missedChanges } from './missed-changes.js';
import type { RedisConnection } from './redis-connection.js';
import { commit } from './scripts/commit.js';
import { create } from './scripts/create.js';
import { renewInSlot } from './scripts/renew.js';
import { writeResultOf, type ScriptReply } from './scripts/reply.js';
import { GONE_MS, revoke, REVOKE_BATCH } from './scripts/revoke.js';
import { touch } from './scripts/touch.js';
import { voidUser } from './scripts/void.js';
import { StoreClock } from './store-clock.js';
import { isWrongType } from './store-error.js';

/** Sessions in Redis: one hash each, one Set per user, every change one script on one slot. */
export class RedisSessionRepository extends SessionRepository {
  readonly #logger = new Logger('SessionRedis');
  readonly #clock = new StoreClock();
  readonly #keys: SessionKeys;
  readonly #longestLifeMs: number;

  constructor(
    private readonly connection: RedisConnection,
    private readonly settings: SessionSettings,
  ) {
    super();
    this.#keys = new SessionKeys(settings.keyPrefix);
    const { lifetime, rememberedLifetime } = settings;
    this.#longestLifeMs =
      Math.max(lifetime.absoluteSeconds, rememberedLifetime.absoluteSeconds) * 1000;
  }

  now(): number {
    return this.#clock.now();
  }

  async read(id: SessionId): Promise<SessionRecord | undefined> {
    const hash = await this.#hashOf(id);
    const record = hash && recordOfHash(id, hash);
    if (!record && (!hash || Object.keys(hash).length > 0)) await this.#removeForeign(id);
    return record;
  }

  async whyGone(id: SessionId): Promise<GoneSession | undefined> {
    const key = this.#keys.gone(id);
    const text = await this.connection.send((client) => client.get(key));
    if (text === null) return undefined;
    // An alias lasts for seconds, by the clock of Redis: how long the reason is still kept tells its age.
    const left = text.endsWith(':alias')
      ? await this.connection.send((client) => client.pttl(key))
      : 0;
    return goneOfText(text as GoneText, GONE_MS.renewed - left);
  }

  async touch(record: SessionRecord): Promise<boolean> {
    const { status } = await this.#run((client) =>
      touch(client, this.#keys, record, this.settings.touchIntervalMs),
    );
    return status === 'saved';
  }

  async create(session: NewSession, fields: ReadonlyMap<string, string>): Promise<WriteResult> {
    let others: SessionId[] = [];
    for (;;) {
      const reply = await this.#run((client) =>
        create(client, this.#keys, session, fields, this.settings, others),
      );
      if (reply.status !== 'crowd') return this.#unlessVoid(session, reply);
      // At the limit, or near it. A script names the keys it touches, and only Redis knew which these are; each
      // further round means that somebody else has signed in meanwhile.
      others = reply.rest as SessionId[];
    }
  }

  async commit(id: SessionId, changes: SessionChanges): Promise<WriteResult> {
    return writeResultOf(await this.#run((client) => commit(client, this.#keys, id, changes)));
  }

  async renew(renewal: Renewal): Promise<WriteResult> {
    const { from, next, keepsData } = renewal;
    // Whoever becomes a user counts towards that user's limit, which is the business of `create`.
    const isSameUser = from.userId === next.userId;
    if (keepsData && isSameUser && shardOfId(from.id) === shardOfId(next.id)) {
      const reply = await this.#run((client) =>
        renewInSlot(client, this.#keys, renewal, this.settings.touchIntervalMs),
      );
      return renewal.isAuthenticated ? this.#unlessVoid(next, reply) : writeResultOf(reply);
    }
    // Another slot, or another user. The new session first: if the second step fails, nothing is lost but a session
    // that nobody has the token of.
    const created = await this.create(next, fieldsAfter(renewal));
    if (created.kind !== 'saved') return created;
    const reason = keepsData ? (`renewed:${next.id}:signed-in` as const) : 'signed-out';
    const { rest } = await this.#run((client) =>
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
      const { rest } = await this.#run((client) =>
        revoke(client, this.#keys, [first!, ...others], userId, reason),
      );
      alive += Number(rest[0]);
    }
    return alive;
  }

  async revokeAllOfUser(userId: string, except?: SessionId): Promise<SignOutEverywhere> {
    // A session of somebody else is none to spare, and would be in another slot.
    const spared = except && shardOfId(except) === shardOfUser(userId) ? except : undefined;
    const { rest } = await this.#run((client) =>
      voidUser(client, this.#keys, userId, spared, this.#longestLifeMs),
    );
    const ids = await this.idsOfUser(userId);
    const others = ids.filter((id) => id !== spared);
    return { ended: await this.revoke(others, userId, 'revoked'), epoch: String(rest[0]) };
  }

  async idsOfUser(userId: string): Promise<SessionId[]> {
    const members = await this.connection.send((client) =>
      client.smembers(this.#keys.user(userId)),
    );
    return members as SessionId[];
  }

  async time(): Promise<number> {
    const [seconds, microseconds] = await this.connection.send((client) => client.time());
    return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  }

  async ping(): Promise<number> {
    const before = performance.now();
    await this.connection.send((client) => client.ping());
    return performance.now() - before;
  }

  /**
   * A sign-in that was long on its way. The script took the proof for younger than it is by as long as the command
   * travelled, so a sign-out everywhere in that time went unnoticed. What is known now for certain decides.
   */
  async #unlessVoid(session: NewSession, reply: ScriptReply): Promise<WriteResult> {
    const { userId, provenAt, afterEpoch } = session;
    const epoch = reply.status === 'saved' ? String(reply.rest[0]) : '';
    const provenNotBefore = reply.now - (performance.now() - provenAt);
    if (
      userId === undefined ||
      epoch === '' ||
      epoch === afterEpoch ||
      Number(epoch) < provenNotBefore
    ) {
      return writeResultOf(reply);
    }
    await this.revoke([session.id], userId, 'revoked');
    return { kind: 'gone' };
  }

  async #run(script: (client: RedisClient) => Promise<ScriptReply>): Promise<ScriptReply> {
    const sentAt = Date.now();
    const reply = await this.connection.send(script);
    this.#clock.observe(sentAt, reply.now);
    return reply;
  }

  /** @returns `undefined` when something else than a hash is there. */
  async #hashOf(id: SessionId): Promise<Record<string, string> | undefined> {
    try {
      return await this.connection.send((client) => client.hgetall(this.#keys.session(id)));
    } catch (error) {
      if (isWrongType(error)) return undefined;
      throw error;
    }
  }

  /** What is under a session's key and is no session would stay for ever, and trouble its visitor for as long. */
  async #removeForeign(id: SessionId): Promise<void> {
    this.#logger.warn(
      `The hash of session ${id} was not whole, so it was removed: something else writes to keys of sessions.`,
    );
    await this.revoke([id], undefined, 'revoked');
  }
}
