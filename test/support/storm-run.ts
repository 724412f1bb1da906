import type { Cluster, Redis } from 'ioredis';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { NaiveSessionRepository } from './storm-naive-repository.js';
import { stormFaults } from './storm-oracle.js';
import type { StormRace } from './storm-races.js';
import { StormRandom } from './storm-random.js';
import type { StormServers } from './storm-servers.js';
import { type StormInstance, StormSite } from './storm-site.js';

const WORKERS = 16;

export type StormVariant = 'ours' | 'naive';

export interface StormResult {
  readonly operations: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** Lets 16 workers run rounds of a race until there were enough operations, then asks the oracle. */
export async function runStorm(
  servers: StormServers,
  race: StormRace,
  variant: StormVariant,
  { operations, seed }: { readonly operations: number; readonly seed: number },
): Promise<StormResult> {
  const clients = race.options.map(() => servers.connect());
  try {
    const instances = await Promise.all(
      clients.map((client, i) => openInstance(client, race.options[i]!, variant)),
    );
    await Promise.all(servers.nodes.map((node) => node.flushall()));
    const site = new StormSite(instances);
    const startedAt = performance.now();
    let rounds = 0;
    const work = async (): Promise<void> => {
      while (site.operations < operations) {
        const round = rounds++;
        await race.round(site, new StormRandom(seed + round), `user-${round}`);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    const seconds = (performance.now() - startedAt) / 1000;
    const faults = await stormFaults(servers.nodes, site.ledger);
    return { operations: site.operations, seconds, faults };
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function openInstance(
  client: Redis | Cluster,
  options: StormRace['options'][number],
  variant: StormVariant,
): Promise<StormInstance> {
  // What is raced here is not the clock: a busy machine must not turn a slow answer into an error.
  const settings = new SessionSettings({ redis: () => client, storeTimeoutMs: 60_000, ...options });
  const repository =
    variant === 'ours'
      ? new RedisSessionRepository(await openConnection(settings), settings)
      : NaiveSessionRepository.over(client, settings);
  return { repository, settings };
}
