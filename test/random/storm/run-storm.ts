import type { Redis } from 'ioredis';
import { SessionIndex } from '../../../libs/session/src/core/session-index.js';
import type { SessionId } from '../../../libs/session/src/core/token.js';
import { openConnection } from '../../../libs/session/src/redis/open-connection.js';
import { RedisIndexStore } from '../../../libs/session/src/redis/search/redis-index-store.js';
import { schemaOf } from '../../../libs/session/src/search/schema.js';
import { SessionSettings } from '../../../libs/session/src/session.settings.js';
import { eventually } from '../../support/eventually.js';
import { keyspaceFaults } from '../../support/keyspace-oracle.js';
import { seed } from '../../support/scale.js';
import type { Servers } from '../../support/servers.js';
import type { BrokenGuard } from '../broken-guards.js';
import { runTurns } from '../run-turns.js';
import { SeededRandom } from '../seeded-random.js';
import { documentFaults, searchFaults, snapshotOf } from './document-oracle.js';
import { stormIndex } from './index-declaration.js';
import type { LiveSession, StormLedger } from './ledger.js';
import { RACES } from './races.js';
import { StormSite } from './site.js';

const WORKERS = 16;
/** Sessions of the instances with short lifetimes, and nothing else, have so little time left. */
const SHORT_MS = 5000;

export interface StormResult {
  readonly requests: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** Runs so many turns of the races on empty servers, then looks at every key and at what Search finds. */
export async function runStorm(
  servers: Servers,
  turns: number,
  broken?: BrokenGuard,
): Promise<StormResult> {
  const { nodes, hasSearch } = servers;
  await Promise.all(nodes.map((node) => node.flushall()));
  const version = hasSearch ? await createIndex(nodes[0]!) : undefined;
  const site = await StormSite.open(servers, broken);
  try {
    const startedAt = performance.now();
    await runTurns(
      WORKERS,
      (begun) => begun >= turns,
      (turn) => RACES[turn % RACES.length]!(site, new SeededRandom(seed + turn), `user-${turn}`),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const look = () => faultsOf(nodes, site.ledger, version);
    const faults = await look();
    await Promise.all(nodes.map(untilShortLivedExpired));
    faults.push(...(await look()), ...(hasSearch ? await settledSearchFaults(nodes[0]!) : []));
    return { requests: site.requests, seconds, faults: [...new Set(faults)] };
  } finally {
    site.close();
  }
}

async function createIndex(client: Redis): Promise<string> {
  const settings = new SessionSettings({ redis: () => client, storeTimeoutMs: 60_000 });
  const index = new SessionIndex(stormIndex);
  const store = new RedisIndexStore(await openConnection(settings), settings);
  await store.create(index.version, schemaOf(index));
  await store.pointAliasTo(index.version);
  return index.version;
}

async function faultsOf(
  nodes: readonly Redis[],
  ledger: StormLedger,
  version: string | undefined,
): Promise<string[]> {
  const ofKeys = await Promise.all(nodes.map((node) => keyspaceFaults(node)));
  const live = await Promise.all(nodes.map(liveSessions));
  const ofDocuments = version ? documentFaults(await snapshotOf(nodes[0]!), version) : [];
  return [...ofKeys.flat(), ...ledger.faultsOf(live.flat()), ...ofDocuments];
}

/** All that is under the key of a session counts, whole or not: it may open a session. */
const LIVE = `
local live = {}
for _, key in ipairs(redis.call('KEYS', 'session:*')) do
  live[#live + 1] = { string.match(key, '}:(.*)$'), redis.call('HGET', key, '~user') }
end
return live`;

async function liveSessions(node: Redis): Promise<LiveSession[]> {
  const found = (await node.eval(LIVE, 0)) as [id: SessionId, userId: string | null][];
  return found.map(([id, userId]) => ({ id, userId: userId ?? undefined }));
}

async function untilShortLivedExpired(node: Redis): Promise<void> {
  await eventually('the short-lived sessions expire', async () => {
    const { sessions, documents } = await snapshotOf(node);
    const left = [...sessions.values(), ...documents.values()];
    return left.every(({ ttlMs }) => ttlMs < 0 || ttlMs > SHORT_MS);
  });
}

/** Search drops a document a moment after Redis has removed it. */
async function settledSearchFaults(node: Redis): Promise<string[]> {
  const ask = async () => searchFaults(node, await snapshotOf(node));
  const isSettled = async () => (await ask()).length === 0;
  await eventually('Search finds what is there', isSettled, 2000).catch(() => undefined);
  return ask();
}
