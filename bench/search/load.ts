import type { ChainableCommander, Redis } from 'ioredis';
import {
  documentHash,
  documentKey,
  type IndexNames,
  type Moments,
  sessionHash,
  sessionKey,
  TTL_MS,
  USER_SET_TTL_MS,
  userKey,
} from './layout.js';
import type { BenchSession, Population } from './population.js';

type OnProgress = (done: number) => void;

const BATCH = 1000;

/** Sessions as they are where no index is declared, under a prefix of their keys. */
export async function loadSessions(
  redis: Redis,
  population: Population,
  moments: Moments,
  prefix: string,
  onProgress: OnProgress,
): Promise<void> {
  await eachInBatches(redis, population, onProgress, (pipeline, session) => {
    const key = prefix + sessionKey(session);
    pipeline.hset(key, ...sessionHash(session, moments)).pexpire(key, TTL_MS);
    if (session.userId === undefined) return;
    const set = prefix + userKey(session);
    pipeline.sadd(set, session.id).pexpire(set, USER_SET_TTL_MS);
  });
}

/** What a declared index adds to them. */
export async function loadDocuments(
  redis: Redis,
  population: Population,
  moments: Moments,
  names: IndexNames,
  onProgress: OnProgress,
): Promise<void> {
  await eachInBatches(redis, population, onProgress, (pipeline, session) => {
    const key = documentKey(session);
    pipeline
      .hset(sessionKey(session), '~index', names.version)
      .hset(key, ...documentHash(session, moments, names))
      .pexpire(key, TTL_MS);
  });
}

async function eachInBatches(
  redis: Redis,
  population: Population,
  onProgress: OnProgress,
  add: (pipeline: ChainableCommander, session: BenchSession) => void,
): Promise<void> {
  // One batch is made while the one before is under way.
  let underWay: Promise<void> = Promise.resolve();
  for (let at = 0; at < population.size; at += BATCH) {
    const pipeline = redis.pipeline();
    const end = Math.min(at + BATCH, population.size);
    for (let i = at; i < end; i++) add(pipeline, population.at(i));
    await underWay;
    underWay = send(pipeline);
    onProgress(end / population.size);
  }
  await underWay;
}

async function send(pipeline: ChainableCommander): Promise<void> {
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}
