import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { RedisServer } from '../../../redis-server/launch.js';
import type { FaultProxy } from '../../support/fault-proxy.js';
import type { SeededRandom } from '../seeded-random.js';

/** Where faults strike: a server, the test's own connection to it, and the proxies before it. */
export interface FaultyRedis {
  readonly server: RedisServer;
  readonly admin: Redis;
  readonly proxies: readonly FaultProxy[];
  /** How long a request waits for Redis; after that its outcome is unknown. */
  readonly timeoutMs: number;
}

export type Fault = keyof typeof FAULTS;

/** Each is over when its promise resolves, or with the next answer. */
const FAULTS = {
  'an answer is cut off': async ({ proxies }: FaultyRedis, random: SeededRandom) => {
    random.oneOf(proxies).cutNextAnswer();
  },
  'a command is cut off': async ({ proxies }: FaultyRedis, random: SeededRandom) => {
    random.oneOf(proxies).cutNextCommand();
  },
  'an answer is lost': async ({ proxies }: FaultyRedis, random: SeededRandom) => {
    random.oneOf(proxies).dropNextAnswer();
  },
  'an answer comes twice': async ({ proxies }: FaultyRedis, random: SeededRandom) => {
    random.oneOf(proxies).repeatNextAnswer();
  },
  // What Redis has not read yet is never carried out.
  'all connections are cut': async ({ admin }: FaultyRedis) => {
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  },
  // Writes are carried out after their requests have given up.
  'writes are held up': async ({ admin, timeoutMs }: FaultyRedis) => {
    await admin.client('PAUSE', timeoutMs + 50, 'WRITE');
    await wait(timeoutMs + 50);
  },
  'Redis freezes': async ({ server, timeoutMs }: FaultyRedis, random: SeededRandom) => {
    await server.freeze();
    await wait(timeoutMs * 2 * random.next());
    await server.thaw();
  },
  'Redis is killed': async ({ server }: FaultyRedis) => {
    await server.crash();
    await server.start();
  },
  'Redis forgets its scripts': async ({ admin }: FaultyRedis) => {
    await admin.script('FLUSH');
  },
};

/** What is here more often is more likely; faults that take long are rare. */
export const ALL_FAULTS: readonly Fault[] = [
  ...Array<Fault>(4).fill('an answer is cut off'),
  ...Array<Fault>(4).fill('a command is cut off'),
  ...Array<Fault>(2).fill('an answer is lost'),
  ...Array<Fault>(2).fill('an answer comes twice'),
  ...Array<Fault>(3).fill('all connections are cut'),
  ...Array<Fault>(2).fill('Redis forgets its scripts'),
  'writes are held up',
  'Redis freezes',
  'Redis is killed',
];

export async function strike(
  fault: Fault,
  redis: FaultyRedis,
  random: SeededRandom,
): Promise<void> {
  await FAULTS[fault](redis, random);
}
