import type { Redis } from 'ioredis';

/** About as long as a trip to Redis and back. */
const WORK = 'local sum = 0 for i = 1, 10000 do sum = sum + i end return sum';

/**
 * Work that is always the same, in Redis and over the same connection. What is measured at two times is compared by
 * how much longer it took than this: the machine itself may have become slower meanwhile.
 */
export function control(redis: Redis): () => Promise<unknown> {
  return () => redis.eval(WORK, 0);
}
