import type { SessionOptions } from 'nestjs-redis-session';
import type { SessionOutcome } from '../../../libs/session/src/core/outcome.js';
import type { SessionRecord } from '../../../libs/session/src/core/record.js';
import type { Session } from '../../../libs/session/src/core/session.js';
import type { SessionId } from '../../../libs/session/src/core/token.js';
import { SessionError } from '../../../libs/session/src/session.errors.js';
import { SessionKeys } from '../../../libs/session/src/redis/keys.js';
import { Instance } from '../../support/instance.js';
import type { Servers } from '../../support/servers.js';
import { type BrokenGuard, breakGuard } from '../broken-guards.js';
import { stormIndex } from './index-declaration.js';
import { StormLedger } from './ledger.js';

export const LIMIT = 3;

/** The options of the instances. Those of one kind serve its requests in turn. */
const KINDS = {
  usual: [{}, {}],
  /** Two releases that do not agree on what happens at the limit. */
  limited: [
    { maxSessionsPerUser: { limit: LIMIT, whenReached: 'evict-least-recently-used' } },
    { maxSessionsPerUser: { limit: LIMIT, whenReached: 'refuse' } },
  ],
  shortLived: [{ idleTimeoutSeconds: 2, absoluteTimeoutSeconds: 2, touchIntervalSeconds: 0 }],
} satisfies Record<string, Partial<SessionOptions>[]>;

export type Kind = keyof typeof KINDS;

type Client = ReturnType<Servers['connect']>;

const REFUSALS = ['SESSION_GONE', 'SESSION_LIMIT', 'SESSION_CONFLICT'];

/** The instances of an application, and what they were asked and answered. */
export class StormSite {
  readonly ledger = new StormLedger();
  /** Sessions that several visitors use at the same time. */
  readonly shared: SessionId[] = [];
  requests = 0;

  private constructor(
    private readonly instances: Readonly<Record<Kind, readonly Instance[]>>,
    private readonly clients: readonly Client[],
  ) {}

  static async open(servers: Servers, broken?: BrokenGuard): Promise<StormSite> {
    const clients: Client[] = [];
    const open = (options: Partial<SessionOptions>) => {
      const redis = servers.connect();
      clients.push(redis);
      if (broken) breakGuard(redis as never, broken);
      const index = servers.hasSearch ? { index: stormIndex } : {};
      // A busy machine must not turn a slow answer into an error.
      return Instance.open({ redis: () => redis, storeTimeoutMs: 60_000, ...index, ...options });
    };
    const opened = Object.entries(KINDS).map(
      async ([kind, options]) => [kind, await Promise.all(options.map(open))] as const,
    );
    const instances = Object.fromEntries(await Promise.all(opened)) as Record<Kind, Instance[]>;
    return new StormSite(instances, clients);
  }

  close(): void {
    for (const client of this.clients) client.disconnect();
  }

  /** One request of a visitor who has this session, or none yet. @returns `undefined` when it was refused. */
  async request(
    record: SessionRecord | undefined,
    act: (session: Session) => void | Promise<void>,
    kind: Kind = 'usual',
  ): Promise<SessionOutcome | undefined> {
    const instance = this.#next(kind);
    const startedAt = performance.now();
    const session = instance.sessionOf(record, startedAt);
    await act(session);
    const outcome = await instance.save(session).catch(ifRefused);
    if (outcome?.kind === 'created') this.ledger.signedIn(outcome.next.id, startedAt);
    if (outcome?.kind === 'renewed' || outcome?.kind === 'destroyed') {
      this.ledger.ended(outcome.from.id);
    }
    if (outcome?.kind === 'renewed' && outcome.isAuthenticated) {
      this.ledger.signedIn(outcome.next.id, startedAt);
    }
    return outcome;
  }

  /** A visitor without a session signs in. @returns `undefined` when that was refused. */
  async signIn(userId: string, kind?: Kind): Promise<SessionId | undefined> {
    const signIn = (session: Session) => session.signIn(userId, { data: { tenant: 'acme' } });
    const outcome = await this.request(undefined, signIn, kind);
    return outcome?.kind === 'created' ? outcome.next.id : undefined;
  }

  /** @returns whether it was alive under this id. */
  async revoke({ id, userId }: SessionRecord): Promise<boolean> {
    const isEnded = (await this.#next('usual').repository.revoke([id], userId, 'revoked')) > 0;
    if (isEnded) this.ledger.ended(id);
    return isEnded;
  }

  async signOutEverywhere(userId: string): Promise<void> {
    const startedAt = performance.now();
    await this.#next('usual').repository.revokeAllOfUser(userId);
    this.ledger.endedEverywhere(userId, startedAt);
  }

  async touch(record: SessionRecord, kind: Kind = 'usual'): Promise<void> {
    await this.#next(kind).repository.touch(record);
  }

  /** As if Redis had evicted it. */
  async loseUserSet(userId: string): Promise<void> {
    await this.clients[0]!.del(new SessionKeys('').user(userId));
  }

  read(id: SessionId): Promise<SessionRecord | undefined> {
    return this.#next('usual').repository.read(id);
  }

  #next(kind: Kind): Instance {
    const instances = this.instances[kind];
    return instances[this.requests++ % instances.length]!;
  }
}

function ifRefused(error: unknown): undefined {
  if (!(error instanceof SessionError) || !REFUSALS.includes(error.code)) throw error;
}
