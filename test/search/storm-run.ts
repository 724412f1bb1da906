import type { Redis } from 'ioredis';
import { SessionIndex } from '../../libs/session/src/core/session-index.js';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';
import { RedisIndexStore } from '../../libs/session/src/redis/search/redis-index-store.js';
import { schemaOf } from '../../libs/session/src/search/schema.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { eventually } from '../support/eventually.js';
import { stormFaults } from '../support/storm-oracle.js';
import { StormRandom } from '../support/storm-random.js';
import type { StormResult, StormVariant } from '../support/storm-run.js';
import type { StormServers } from '../support/storm-servers.js';
import type { StormInstance } from '../support/storm-site.js';
import { actOnce } from './storm-acts.js';
import { documentFaults, searchFaults, snapshotOf } from './storm-document-oracle.js';
import { stormIndex } from './storm-index.js';
import { NaiveIndexRepository } from './storm-naive-index.js';
import { IndexStormSite } from './storm-site.js';

const WORKERS = 16;
const SHORT_LIVED = { idleTimeoutSeconds: 1, absoluteTimeoutSeconds: 2, touchIntervalSeconds: 0 };
/** Two that declare the same, and a third whose sessions are over while others still write to them. */
const INSTANCES = [{}, {}, SHORT_LIVED];
const SOON_OVER_MS = 5000;

/** Lets 16 workers do what visitors do until there were enough operations, then asks the oracle, twice. */
export async function runIndexStorm(
  servers: StormServers,
  variant: StormVariant,
  { operations, seed }: { readonly operations: number; readonly seed: number },
): Promise<StormResult> {
  const node = servers.nodes[0]!;
  await node.flushall();
  const clients = INSTANCES.map(() => servers.connect() as Redis);
  try {
    const version = await makeIndex(clients[0]!);
    const instances = await Promise.all(
      clients.map((client, i) => openInstance(client, INSTANCES[i]!, variant)),
    );
    const site = new IndexStormSite(instances);
    const startedAt = performance.now();
    const work = async (_: unknown, worker: number): Promise<void> => {
      const random = new StormRandom(seed + worker);
      while (site.operations < operations) await actOnce(site, random);
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    const seconds = (performance.now() - startedAt) / 1000;
    const faults = await faultsOf(node, version, variant, site);
    return { operations: site.operations, seconds, faults };
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function faultsOf(
  node: Redis,
  version: string,
  variant: StormVariant,
  { ledger }: IndexStormSite,
): Promise<string[]> {
  const look = async () => documentFaults(await snapshotOf(node), version, variant === 'ours');
  const faults = [...(await stormFaults([node], ledger)), ...(await look())];
  await eventually('the short-lived sessions are over', async () => {
    const { sessions, documents } = await snapshotOf(node);
    const gone = [...sessions.values(), ...documents.values()];
    return gone.every(({ ttlMs }) => ttlMs < 0 || ttlMs > SOON_OVER_MS);
  });
  return [...new Set([...faults, ...(await look()), ...(await settledSearchFaults(node))])];
}

/** Search knows what is over once Redis has removed it. */
async function settledSearchFaults(node: Redis): Promise<string[]> {
  const ask = async () => searchFaults(node, await snapshotOf(node));
  const isSettled = async () => (await ask()).length === 0;
  await eventually('Search knows what is over', isSettled, 2000).catch(() => undefined);
  return ask();
}

async function makeIndex(client: Redis): Promise<string> {
  const settings = settingsOf(client, {});
  const index = new SessionIndex(stormIndex);
  const store = new RedisIndexStore(await openConnection(settings), settings);
  await store.create(index.version, schemaOf(index));
  await store.pointAliasTo(index.version);
  return index.version;
}

async function openInstance(
  client: Redis,
  options: (typeof INSTANCES)[number],
  variant: StormVariant,
): Promise<StormInstance> {
  const settings = settingsOf(client, options);
  const index = new SessionIndex(stormIndex);
  const connection = await openConnection(settings);
  const repository =
    variant === 'ours'
      ? new RedisSessionRepository(connection, settings, index)
      : new NaiveIndexRepository(connection, settings, index);
  return { repository, settings };
}

/** What is raced here is not the clock: a busy machine must not turn a slow answer into an error. */
function settingsOf(client: Redis, options: (typeof INSTANCES)[number]): SessionSettings {
  return new SessionSettings({ redis: () => client, storeTimeoutMs: 60_000, ...options });
}
