import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import type { RedisClient } from 'nestjs-redis-session';

type OwnClient = RedisClient & { disconnect(): void };

// Of a connection that is gone; the default keeps a process alive for two seconds at its end.
const own = { disconnectTimeout: 50 };

/** Clients as applications hand them in: their replies to Search have three shapes. */
export const CLIENTS: readonly (readonly [name: string, connect: (url: string) => OwnClient])[] = [
  ['ioredis 5', (url) => new Redis5(url, own)],
  ['ioredis 6 with protocol 2', (url) => new Redis(url, { ...own, protocol: 2 })],
  ['ioredis 6 as it is', (url) => new Redis(url, own)],
  [
    "ioredis 6 with replyMapping: 'resp3'",
    (url) => new Redis(url, { ...own, replyMapping: 'resp3' }),
  ],
];
