import type { Redis } from 'ioredis';
import { sessionKey } from './tokens.js';

/**
 * As if somebody had typed their password so much earlier. What they have lived through since then they keep: a
 * sign-out everywhere before this moment does not end them.
 */
export async function ageProof(client: Redis, token: string, seconds: number): Promise<void> {
  const key = sessionKey(token);
  await client.hincrby(key, '~auth', -1000 * seconds);
  await client.hset(key, '~spared', Date.now());
}
