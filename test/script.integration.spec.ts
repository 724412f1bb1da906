import { Redis } from 'ioredis';
import type { RedisClient } from '../libs/session/src/redis-client.js';
import { Script } from '../libs/session/src/redis/script.js';
import { OutOfStepError } from '../libs/session/src/redis/store-error.js';
import { useCleanup } from './support/cleanup.js';
import { useRedis } from './support/redis.js';

const defer = useCleanup();
const COUNT = new Script("--[[ count: ]] return redis.call('INCRBY', KEYS[1], ARGV[1])");

describe('a script', () => {
  const redis = useRedis();

  /** A client whose replies are those of the call before, as after a reply too many. */
  const lateClient = (command: 'evalsha' | 'eval') => {
    const client = new Redis(redis.url);
    defer(() => client.disconnect());
    const really = client[command].bind(client) as (...args: unknown[]) => Promise<unknown>;
    let before: unknown;
    const late = async (...args: unknown[]) => {
      const [answer, reply] = [before, await really(...args)];
      before = reply;
      return answer ?? reply;
    };
    return Object.assign(client, { [command]: late }) as unknown as RedisClient;
  };

  it('returns what it has returned in Redis', async () => {
    const client = redis.client as unknown as RedisClient;
    await redis.client.del('count');
    expect([
      await COUNT.run(client, ['count'], [2]),
      await COUNT.run(client, ['count'], [3]),
    ]).toEqual([2, 5]);
  });

  it('does not take the reply of another call for its own, not even one with the same arguments', async () => {
    await redis.client.del('count');
    const client = lateClient('evalsha');
    expect(await COUNT.run(client, ['count'], [2])).toBe(2);
    await expect(COUNT.run(client, ['count'], [2])).rejects.toThrow(OutOfStepError);
  });

  it('that Redis refuses is not sent again: it may have been carried out in part', async () => {
    const client = redis.client as unknown as RedisClient;
    const fail = new Script(
      "--[[ fail: ]] redis.call('INCR', KEYS[1]) return redis.call('LPUSH', KEYS[1], 1)",
    );
    await redis.client.del('count');
    for (const times of ['1', '2']) {
      await expect(fail.run(client, ['count'], [])).rejects.toThrow(/WRONGTYPE/);
      expect(await redis.client.get('count')).toBe(times);
    }
  });

  it.each([[null], ['OK'], [7], [{}], [[]], [['x', 1]]])(
    'does not take %j for a reply of its own',
    async (reply) => {
      const client = { evalsha: async () => reply } as unknown as RedisClient;
      await expect(COUNT.run(client, ['count'], [2])).rejects.toThrow(OutOfStepError);
    },
  );
});
