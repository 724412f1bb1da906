import { Redis } from 'ioredis';
import { sessionRepositoryContract } from 'nestjs-redis-session/testing';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { type BrokenGuard, breakGuard } from '../random/broken-guards.js';

let runs = 0;

/**
 * Whether a repository whose scripts lack something breaks its contract. All clauses run at the same time, under a prefix of their
 * own, so that several mutants can be tried together.
 *
 * @returns the clause that failed first; `undefined` if none did.
 */
export async function contractBreach(
  url: string,
  guard: BrokenGuard | undefined,
  limitMs: number,
): Promise<string | undefined> {
  const client = new Redis(url, { maxRetriesPerRequest: null, disconnectTimeout: 50 });
  client.on('error', () => undefined);
  if (guard) breakGuard(client, guard);
  const keyPrefix = `mutant-${runs++}:`;
  const checks = sessionRepositoryContract.map(async ({ name, limit, check }) => {
    const settings = new SessionSettings({
      redis: client,
      keyPrefix,
      touchIntervalSeconds: 0,
      storeTimeoutMs: limitMs,
      ...(limit && { maxSessionsPerUser: limit }),
    });
    const repository = new RedisSessionRepository(await openConnection(settings), settings);
    try {
      await check(repository);
    } catch {
      throw new Error(name);
    }
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('time limit')), limitMs);
  });
  try {
    await Promise.race([Promise.all(checks), late]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    clearTimeout(timer);
    // The others find out that nobody waits for them.
    void Promise.allSettled(checks);
    client.disconnect();
  }
}
