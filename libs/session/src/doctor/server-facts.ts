import { SessionKeys } from '../redis/keys.js';
import type { RedisClient } from '../redis-client.js';

const KEYS_AT_ONCE = 500;

/** What a server says of itself in `INFO`. */
export interface InfoFacts {
  /** The lines of `INFO`. */
  readonly info: ReadonlyMap<string, string>;
  /** `CONFIG GET` of what is looked at; empty where the user may not, left out where nobody asked. */
  readonly config?: ReadonlyMap<string, string>;
}

/** The clock of a server less the clock here, in milliseconds, and how wrong that can be. */
export interface Clock {
  readonly aheadMs: number;
  readonly errorMs: number;
}

/** What can be known of a server. Everything is read; nothing is changed. */
export interface ServerFacts extends InfoFacts {
  readonly config: ReadonlyMap<string, string>;
  readonly clock: Clock;
  /** Keys of sessions that were looked at, and how many of them would stay for ever; `undefined` where that is refused. */
  readonly sampledKeys: number | undefined;
  readonly keysWithoutTtl: number;
  /** Keys that begin as ours do, and are none that this library writes. */
  readonly foreignKeys: number;
  /** How many of these sessions have which layout. */
  readonly layouts: ReadonlyMap<string, number>;
}

const SETTINGS = [
  'hash-max-listpack-value',
  'appendfsync',
  'save',
  'min-replicas-to-write',
  'timeout',
  'cluster-require-full-coverage',
];

/** @param keyPrefix as in the options of the module. */
export async function factsOf(server: RedisClient, keyPrefix: string): Promise<ServerFacts> {
  const info = await infoOf(server);
  const config = new Map<string, string>();
  for (const setting of SETTINGS) {
    const value = await settingOf(server, setting);
    if (value !== undefined) config.set(setting, value);
  }
  return { info, config, clock: await clockOf(server), ...(await sampleOf(server, keyPrefix)) };
}

/** Valkey tells its engines of scripts where it is asked for them. */
async function infoOf(server: RedisClient): Promise<ReadonlyMap<string, string>> {
  const info = linesOf(String(await server.call('INFO')));
  if (!info.has('valkey_version') || info.has('engines_count')) return info;
  return new Map([...info, ...linesOf(String(await server.call('INFO', 'scriptingengines')))]);
}

/** There is a line `module` for each of them: these are joined. */
export function linesOf(info: string): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  for (const [, name, value] of info.matchAll(/^([^#:\r\n]+):(.*?)\r?$/gm)) {
    const before = lines.get(name!);
    lines.set(name!, before === undefined ? value! : `${before}\n${value}`);
  }
  return lines;
}

/** Two shapes: a flat list (RESP2) and a map. @returns `undefined` where the user may not ask. */
async function settingOf(server: RedisClient, setting: string): Promise<string | undefined> {
  try {
    const reply = await server.call('CONFIG', 'GET', setting);
    const flat = Array.isArray(reply)
      ? (reply as unknown[])
      : Object.entries(reply as object).flat();
    return flat[1] === undefined ? undefined : String(flat[1]);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** The user of docs/security.md may do what sessions need, and not this. */
export function isForbidden(error: unknown): boolean {
  return error instanceof Error && /NOPERM|unknown command/i.test(error.message);
}

export async function clockOf(server: RedisClient): Promise<Clock> {
  const before = Date.now();
  const [seconds, microseconds] = await server.time();
  const after = Date.now();
  const there = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  const errorMs = Math.ceil((after - before) / 2) + 1;
  return { aheadMs: there - Math.round((before + after) / 2), errorMs };
}

async function sampleOf(server: RedisClient, keyPrefix: string) {
  try {
    const [, found] = (await server.call('SCAN', '0', 'COUNT', KEYS_AT_ONCE)) as [string, string[]];
    const keys = new SessionKeys(keyPrefix);
    const kinds = found.map((key) => ({ key, kind: keys.kindOf(key) }));
    const passing = kinds.filter(({ kind }) => kind === 'passing');
    const [ttls, layouts] = await Promise.all([
      Promise.all(passing.map(({ key }) => server.pttl(key))),
      layoutsOf(
        server,
        found.filter((key) => keys.isSession(key)),
      ),
    ]);
    return {
      layouts,
      sampledKeys: passing.length,
      keysWithoutTtl: ttls.filter((ttl) => ttl === -1).length,
      foreignKeys: kinds.filter(({ kind }) => kind === 'foreign').length,
    };
  } catch (error) {
    // A Cluster that is down, or moves slots, does not say how long a key has to live.
    const isElsewhere = error instanceof Error && /^(CLUSTERDOWN|MOVED|ASK)/.test(error.message);
    if (!isElsewhere && !isForbidden(error)) throw error;
    return { sampledKeys: undefined, keysWithoutTtl: 0, foreignKeys: 0, layouts: new Map() };
  }
}

async function layoutsOf(server: RedisClient, sessions: readonly string[]) {
  const counts = new Map<string, number>();
  const versions = await Promise.all(sessions.map((key) => layoutOf(server, key)));
  for (const version of versions) {
    if (version) counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  return counts;
}

/** @returns nothing for a key that has expired meanwhile, and for what is no session. */
async function layoutOf(server: RedisClient, key: string): Promise<string | undefined> {
  try {
    return ((await server.call('HGET', key, '~v')) as string | null) ?? undefined;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return undefined;
    throw error;
  }
}
