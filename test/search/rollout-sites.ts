import { randomUUID } from 'node:crypto';
import { type IndexDeclaration, tag, tags, text } from 'nestjs-redis-session';
import type { TestRedis } from '../support/redis.js';
import { Actor } from './support/actor.js';
import { SearchedSite, type SiteOptions } from './support/searched-site.js';

/** What the version before declares. */
export const indexBefore = {
  tenant: tag('tenant'),
  mood: tag('views', (views) => (views > 9 ? 'busy' : 'calm')),
  note: text('note'),
};

/** The next version: `products` is new, `note` is gone, and `mood` means something else. */
export const indexAfter = {
  tenant: tag('tenant'),
  mood: tag('views', (views) => (views > 2 ? 'keen' : 'cool')),
  products: tags('lines', (lines) => lines.map(({ sku }) => sku)),
};

export type Before = SearchedSite<typeof indexBefore>;
export type After = SearchedSite<typeof indexAfter>;

/** The versions of one application over the same sessions: each start is one more instance. */
export class Rollout {
  readonly keyPrefix = `${randomUUID().slice(0, 8)}:`;
  readonly #running: SearchedSite<IndexDeclaration>[] = [];

  constructor(readonly redis: TestRedis) {}

  before(options: SiteOptions = {}, waits?: boolean): Promise<Before> {
    return this.start<typeof indexBefore>({ index: indexBefore, ...options }, waits);
  }

  after(options: SiteOptions = {}, waits?: boolean): Promise<After> {
    return this.start<typeof indexAfter>({ index: indexAfter, ...options }, waits);
  }

  /** An application that has never heard of searching. */
  async without(): Promise<SearchedSite<never>> {
    return this.start<never>({ index: undefined as never }, false);
  }

  /** @param waits whether its index is to hold all sessions first. */
  async start<Index extends IndexDeclaration>(
    options: SiteOptions,
    waits = options.prepareIndexAtStart !== false,
  ): Promise<SearchedSite<Index>> {
    const { keyPrefix, redis } = this;
    const all = { touchIntervalSeconds: 0, keyPrefix, ...options };
    const site = await SearchedSite.start<Index>(redis, all);
    this.#running.push(site as unknown as SearchedSite<IndexDeclaration>);
    if (waits) await site.isFilled();
    return site;
  }

  /** The versions that have an index in Redis. */
  async versions(): Promise<string[]> {
    const names = (await this.redis.client.call('FT._LIST')) as string[];
    const start = `${this.keyPrefix}session-index:`;
    return names.filter((name) => name.startsWith(start)).map((name) => name.slice(start.length));
  }

  /** The version that the name without one stands for. */
  async alias(): Promise<string | undefined> {
    const ask = `return redis.call('FT.INFO', ARGV[1])[2]`;
    const answer = this.redis.client.eval(ask, 0, `${this.keyPrefix}session-index`);
    const name = await answer.catch(() => undefined);
    return typeof name === 'string' ? name.slice(name.lastIndexOf(':') + 1) : undefined;
  }

  keyOfState(version: string): string {
    return `${this.keyPrefix}session-index-state:${version}`;
  }

  /** Makes a moment that the instances have noted so much longer ago. */
  async setBack(version: string, moment: 'usedAt' | 'fillerAt', ms: number): Promise<void> {
    const key = this.keyOfState(version);
    const noted = Number(await this.redis.client.hget(key, moment));
    await this.redis.client.hset(key, moment, noted - ms);
  }

  /** How often somebody began to go through all sessions, while `act` ran. */
  async fillingsDuring(act: () => Promise<unknown>): Promise<number> {
    const { client } = this.redis;
    await client.config('RESETSTAT');
    await act();
    const stats = await client.info('commandstats');
    return Number(/^cmdstat_dbsize:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((site) => site.close()));
  }
}

/** The same browser, whose next requests reach another instance. */
export function at(site: { readonly url: string }, browser: Actor): Actor {
  const actor = new Actor(site);
  for (const [name, value] of browser.jar.cookies) actor.jar.cookies.set(name, value);
  return actor;
}
