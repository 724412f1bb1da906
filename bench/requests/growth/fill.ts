import type { Redis } from 'ioredis';

/** A key of one session, and what is there. */
interface Pattern {
  readonly key: string;
  readonly content: Buffer;
  readonly ttlMs: number;
}

const BATCH = 2000;
const DIGITS = 7;

/** The keys that an act makes. */
export async function patternsOf(redis: Redis, act: () => Promise<unknown>): Promise<Pattern[]> {
  const before = new Set(await redis.keys('*'));
  await act();
  const made = (await redis.keys('*')).filter((key) => !before.has(key));
  return Promise.all(
    made.map(async (key) => {
      const content = await redis.dumpBuffer(key);
      return { key, content: content!, ttlMs: await redis.pttl(key) };
    }),
  );
}

/** Copies of sessions, numbered from one to another, under keys that are as long. */
export async function fill(
  redis: Redis,
  patterns: readonly Pattern[],
  from: number,
  to: number,
  onProgress: (done: number) => void,
): Promise<void> {
  for (let at = from; at < to; at += BATCH) {
    const pipeline = redis.pipeline();
    for (let n = at; n < Math.min(at + BATCH, to); n++) {
      const end = String(n).padStart(DIGITS, '0');
      for (const { key, content, ttlMs } of patterns) {
        pipeline.restore(key.slice(0, -DIGITS) + end, ttlMs, content);
      }
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    onProgress((at - from) / (to - from));
  }
}
