import type { Redis } from 'ioredis';
import { PRODUCTS, TENANTS } from './index-declaration.js';
import { differenceOf, expectedDocument, namedDocument } from './expected-document.js';

type Entry = [key: string, ttlMs: number, content: string[]];
type Fields = ReadonlyMap<string, string>;

interface Hash {
  readonly ttlMs: number;
  readonly fields: Fields;
}

const TTL_TOLERANCE_MS = 50;

// One script, so that what is compared existed at one moment.
const SNAPSHOT = `
local reply = {}
for _, key in ipairs(redis.call('KEYS', 'session*:{*')) do
  if redis.call('TYPE', key).ok == 'hash' then
    reply[#reply + 1] = { key, redis.call('PTTL', key), redis.call('HGETALL', key) }
  end
end
return reply`;

/** What is in Redis: sessions and their documents, each by the session's id. */
export interface Snapshot {
  readonly sessions: ReadonlyMap<string, Hash>;
  readonly documents: ReadonlyMap<string, Hash>;
}

export async function snapshotOf(client: Redis): Promise<Snapshot> {
  const sessions = new Map<string, Hash>();
  const documents = new Map<string, Hash>();
  for (const [key, ttlMs, content] of (await client.eval(SNAPSHOT, 0)) as Entry[]) {
    const [, kind, id] = /^(session|session-index):\{[0-9a-f]{4}\}:(.*)$/.exec(key) ?? [];
    if (kind === undefined) continue;
    const fields = new Map<string, string>();
    for (let i = 0; i < content.length; i += 2) fields.set(content[i]!, content[i + 1]!);
    (kind === 'session' ? sessions : documents).set(id!, { ttlMs, fields });
  }
  return { sessions, documents };
}

/** Each session must have its document, and each document its session. */
export function documentFaults({ sessions, documents }: Snapshot, version: string): string[] {
  const orphans = [...documents]
    .filter(([id, { ttlMs }]) => !sessions.has(id) && (ttlMs < 0 || ttlMs > TTL_TOLERANCE_MS))
    .map(([id, { ttlMs }]) => `document ${id} has no session, and ${ttlMs} ms to live`);
  const faults = [...sessions].flatMap(([id, session]) => {
    const mark = session.fields.get('~index');
    return [
      ...faultsOfDocument(session, documents.get(id), version),
      ...(mark === version ? [] : [`it is marked as indexed for ${mark}`]),
    ].map((fault) => `session ${id}: ${fault}`);
  });
  return [...orphans, ...faults];
}

function faultsOfDocument(session: Hash, document: Hash | undefined, version: string): string[] {
  if (!document) return session.ttlMs > TTL_TOLERANCE_MS ? ['it has no document'] : [];
  const apart = document.ttlMs - session.ttlMs;
  const expected = expectedDocument(session.fields, version);
  const difference = differenceOf(namedDocument(document.fields), expected);
  return [
    ...(Math.abs(apart) > TTL_TOLERANCE_MS ? [`its document lives ${apart} ms longer`] : []),
    ...(difference === undefined ? [] : [`its document has ${difference}`]),
  ];
}

/** Asks Search for each tenant and each product, and compares with what the sessions hold. */
export async function searchFaults(client: Redis, { sessions }: Snapshot): Promise<string[]> {
  const holding = (field: string, isHeld: (value: never) => boolean) =>
    [...sessions]
      .filter(
        ([, { fields }]) => fields.has(field) && isHeld(JSON.parse(fields.get(field)!) as never),
      )
      .map(([id]) => id);
  const faults: string[] = [];
  for (const [tenant, tag] of Object.entries(TENANTS)) {
    const wanted = holding('tenant', (value: string) => value === tenant);
    faults.push(...differencesOf(`tenant "${tenant}"`, await found(client, 'tenant', tag), wanted));
  }
  for (const [sku, tag] of Object.entries(PRODUCTS)) {
    const wanted = holding('lines', (lines: { sku: string }[]) => lines.some((l) => l.sku === sku));
    faults.push(...differencesOf(`product "${sku}"`, await found(client, 'products', tag), wanted));
  }
  return faults;
}

async function found(client: Redis, attribute: string, tag: string): Promise<string[]> {
  const query = [`@${attribute}:{$tag}`, 'PARAMS', 2, 'tag', tag, 'NOCONTENT', 'LIMIT', 0, 10_000];
  // A script gets the answer in the same shape whatever the client asks for.
  const ask = `return redis.call('FT.SEARCH', 'session-index', unpack(ARGV))`;
  const reply = await client.eval(ask, 0, ...query, 'DIALECT', 2);
  const [, ...keys] = reply as [number, ...string[]];
  // Redis removes an expired key when it is asked for, and tells Search then.
  if (keys.length > 0) await client.exists(...keys);
  return keys.map((key) => key.slice(key.lastIndexOf(':') + 1));
}

function differencesOf(what: string, hits: string[], wanted: string[]): string[] {
  const missing = wanted.filter((id) => !hits.includes(id));
  const wrong = hits.filter((id) => !wanted.includes(id));
  return [
    ...missing.map((id) => `Search does not find session ${id} by ${what}`),
    ...wrong.map((id) => `Search finds session ${id} by ${what}, which it does not hold`),
  ];
}
