import type { Redis } from 'ioredis';
import type { SessionRepository } from 'nestjs-redis-session/testing';
import { index, LIFETIME } from './declaration.js';
import {
  documentHash,
  documentKey,
  type IndexNames,
  sessionHash,
  sessionKey,
  TTL_MS,
} from './layout.js';
import { type BenchSession, DEVICE, type Population } from './population.js';

const SAMPLES = 50;

/**
 * Has the library create some sessions, learns from the first what the fields of index documents are called, and makes
 * sure that what the benchmark would write is the same to the letter. A million creates would take ten times as long.
 */
export async function learnLayout(
  redis: Redis,
  repository: SessionRepository,
  population: Population,
): Promise<IndexNames> {
  const sessions = Array.from({ length: SAMPLES }, (_, i) => population.any(i / SAMPLES));
  for (const session of sessions) await create(repository, session);
  const names = namesIn(await redis.hgetall(documentKey(sessions[0]!)));
  for (const session of sessions) await assertSame(redis, session, names);
  await redis.flushall();
  return names;
}

async function create(repository: SessionRepository, session: BenchSession): Promise<void> {
  const { id, userId, fields } = session;
  const device = userId === undefined ? { address: undefined, agent: undefined } : DEVICE;
  const proof = { provenAt: performance.now(), afterEpoch: undefined };
  // Its token never reaches Redis.
  const token = '' as Parameters<SessionRepository['create']>[0]['token'];
  const next = { id, token, userId, lifetime: LIFETIME, device, ...proof };
  const { kind } = await repository.create(next, fields);
  if (kind !== 'saved') throw new Error(`A session could not be created: ${kind}.`);
}

function namesIn(document: Record<string, string>): IndexNames {
  const fields = Object.keys(document);
  const find = (name: string) => fields.find((field) => field.startsWith(`${name}~`)) ?? name;
  const documentField = new Map(Object.keys(index).map((name) => [name, find(name)]));
  return { version: document['indexedFor']!, documentField };
}

async function assertSame(redis: Redis, session: BenchSession, names: IndexNames): Promise<void> {
  const [hash, document] = [sessionKey(session), documentKey(session)];
  const written = await redis.hgetall(hash);
  const createdAt = Number(written['~created']);
  const moments = { createdAt, signedInAt: Number(written['~auth'] ?? createdAt) };
  const ours = [...sessionHash(session, moments), '~index', names.version];
  const both = [ours, documentHash(session, moments, names)];
  const theirs = [written, await redis.hgetall(document)].map((map) => Object.entries(map).flat());
  if (JSON.stringify(both) !== JSON.stringify(theirs)) {
    throw new Error(
      `The library's layout is another one. It wrote\n${JSON.stringify(theirs)}\nand not\n${JSON.stringify(both)}`,
    );
  }
  for (const key of [hash, document]) {
    if (Math.abs((await redis.pttl(key)) - TTL_MS) > 10_000) {
      throw new Error(`The library gives ${key} another time to live.`);
    }
  }
}
