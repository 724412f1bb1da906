import type { Redis } from 'ioredis';
import type { CartLine } from '../../src/cart/cart-line.js';
import { COMMON_PLAN, ONE_TENANT, RARE_PRODUCT } from './population.js';
import { groupsOf, type QuestionName } from './questions.js';

type Hash = Record<string, string>;

const BATCH = 1000;
const COMMON_PLAN_TEXT = JSON.stringify(COMMON_PLAN);
const ONE_TENANT_TEXT = JSON.stringify(ONE_TENANT);

/** The same questions, answered without an index: by looking at each session. */
export const SCANS: Record<QuestionName, (redis: Redis) => Promise<string>> = {
  find: (redis) =>
    countWhere(redis, ({ cart }) =>
      (JSON.parse(cart ?? '[]') as CartLine[]).some(({ sku }) => sku === RARE_PRODUCT),
    ),
  countPlan: (redis) => countWhere(redis, ({ plan }) => plan === COMMON_PLAN_TEXT),
  countTenant: (redis) => countWhere(redis, ({ tenant }) => tenant === ONE_TENANT_TEXT),
  countByTenant: async (redis) => {
    const counts = new Map<string, number>();
    for await (const { tenant = '' } of allSessions(redis)) {
      counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    }
    return groupsOf([...counts.values()]);
  },
};

async function countWhere(redis: Redis, isMeant: (hash: Hash) => boolean): Promise<string> {
  let count = 0;
  for await (const hash of allSessions(redis)) if (isMeant(hash)) count++;
  return String(count);
}

async function* allSessions(redis: Redis): AsyncGenerator<Hash> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', 'session:{*', 'COUNT', BATCH);
    cursor = next;
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.hgetall(key);
    for (const [error, hash] of (await pipeline.exec()) ?? []) {
      if (error) throw error;
      yield hash as Hash;
    }
  } while (cursor !== '0');
}
