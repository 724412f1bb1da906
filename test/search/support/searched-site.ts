import { randomUUID } from 'node:crypto';
import {
  type IndexDeclaration,
  type SessionData,
  type SessionFilter,
  type SessionOptions,
  SessionSearch,
  SessionService,
} from 'nestjs-redis-session';
import { SessionRepository } from 'nestjs-redis-session/testing';
import {
  createToken,
  idOfToken,
  type SessionId,
  shardOfId,
  shardOfUser,
} from '../../../libs/session/src/core/token.js';
import { startApp, type TestApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { type TestRedis, useRedis } from '../../support/redis.js';
import { type IndexOfShop, indexOfShop } from './index-of-shop.js';
import { ActingController } from './actor.js';

export type SiteOptions = Partial<SessionOptions>;

/** An application whose sessions can be searched, under a prefix of its own, and a look into its Redis. */
export class SearchedSite<Index extends IndexDeclaration = IndexOfShop> {
  readonly search: SessionSearch<Index>;
  readonly service: SessionService;
  readonly repository: SessionRepository;
  readonly url: string;

  private constructor(
    readonly site: TestApp,
    readonly redis: TestRedis,
    readonly keyPrefix: string,
  ) {
    this.url = site.url;
    this.search = site.app.get(SessionSearch);
    this.service = site.app.get(SessionService);
    this.repository = site.app.get(SessionRepository);
  }

  /** Starts one; its index may still be filled. */
  static async start<Index extends IndexDeclaration = IndexOfShop>(
    redis: TestRedis,
    options: SiteOptions = {},
  ): Promise<SearchedSite<Index>> {
    const keyPrefix = options.keyPrefix ?? `${randomUUID().slice(0, 8)}:`;
    const session: SessionOptions = {
      redis: redis.url,
      index: indexOfShop,
      storeTimeoutMs: 10_000,
      ...options,
      keyPrefix,
    };
    const site = await startApp('express', session, { controllers: [ActingController] });
    return new SearchedSite<Index>(site, redis, keyPrefix);
  }

  /** The same, with an index that holds all sessions. */
  static async open<Index extends IndexDeclaration = IndexOfShop>(
    redis: TestRedis,
    options: SiteOptions = {},
  ): Promise<SearchedSite<Index>> {
    const site = await SearchedSite.start<Index>(redis, options);
    await site.isFilled();
    return site;
  }

  async isFilled(): Promise<void> {
    const isComplete = async () => (await this.search.status().catch(() => undefined))?.isComplete;
    await eventually('the index holds all sessions', async () => (await isComplete()) === true);
  }

  /** Begins a session, as a handler's outcome would; nobody has its token. */
  async begin(data: Partial<SessionData>, userId?: string): Promise<SessionId> {
    const token = createToken(userId === undefined ? undefined : shardOfUser(userId));
    const id = idOfToken(token);
    const next = {
      id,
      token,
      userId,
      lifetime: { idleSeconds: 600, absoluteSeconds: 3600 },
      device: { address: '10.0.0.1', agent: undefined },
      provenAt: performance.now(),
      afterEpoch: undefined,
    };
    const fields = Object.entries(data).map(([name, value]) => [name, JSON.stringify(value)]);
    const { kind } = await this.repository.create(next, new Map(fields as [string, string][]));
    if (kind !== 'saved') throw new Error(`The session did not begin: ${kind}.`);
    return id;
  }

  /** Begins many, some at a time. */
  async beginMany(
    count: number,
    dataOf: (number: number) => Partial<SessionData>,
    userOf: (number: number) => string | undefined = () => undefined,
  ): Promise<SessionId[]> {
    const ids: SessionId[] = [];
    for (let at = 0; at < count; at += 500) {
      const numbers = Array.from({ length: Math.min(500, count - at) }, (_, i) => at + i);
      ids.push(...(await Promise.all(numbers.map((i) => this.begin(dataOf(i), userOf(i))))));
    }
    return ids;
  }

  /** The ids that a filter finds, in order of their text. */
  async idsOf(filter: SessionFilter<Index>): Promise<string[]> {
    const { sessions } = await this.search.find(filter, { pageSize: 1000 });
    return sessions.map(({ id }) => id).toSorted();
  }

  keyOfSession(id: string): string {
    return `${this.keyPrefix}session:{${shardOfId(id as SessionId)}}:${id}`;
  }

  keyOfDocument(id: string): string {
    return `${this.keyPrefix}session-index:{${shardOfId(id as SessionId)}}:${id}`;
  }

  /** The index document by the names of the declaration, which lie in Redis with a digest behind them. */
  async documentOf(id: string): Promise<Record<string, string>> {
    const document = await this.redis.client.hgetall(this.keyOfDocument(id));
    const fields = Object.entries(document).map(([name, text]) => [name.split('~')[0], text]);
    return Object.fromEntries(fields) as Record<string, string>;
  }

  close(): Promise<void> {
    return this.site.app.close();
  }
}

export interface UsedSite<Index extends IndexDeclaration> {
  readonly redis: TestRedis;
  readonly site: SearchedSite<Index>;
}

/** A Redis and a searched site for the tests of a group. */
export function useSearchedSite<Index extends IndexDeclaration = IndexOfShop>(
  options: SiteOptions | ((redis: TestRedis) => SiteOptions) = {},
): UsedSite<Index> {
  const redis = useRedis();
  let site: SearchedSite<Index>;
  beforeAll(async () => {
    const given = typeof options === 'function' ? options(redis) : options;
    site = await SearchedSite.open<Index>(redis, given);
  });
  afterAll(() => site?.close());
  return {
    redis,
    get site() {
      return site;
    },
  };
}
