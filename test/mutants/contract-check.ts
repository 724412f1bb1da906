import { Redis } from 'ioredis';
import { type ContractClause, sessionRepositoryContract } from 'nestjs-redis-session/testing';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { type BrokenGuard, breakGuard } from '../random/broken-guards.js';

/** A clause that takes longer waits for something to expire, and fails where the machine is busy: it is run alone. */
const QUICK_MS = 250;
const LIMIT_MS = 20_000;

let runs = 0;

/** The contract of repositories, without and with a change to the Lua of one. */
export class ContractCheck {
  readonly #url: string;
  readonly #quick: ContractClause[] = [];
  readonly #slow: ContractClause[] = [];

  private constructor(url: string) {
    this.#url = url;
  }

  /** Looks how long each clause takes. Rejects where one fails without a mutant. */
  static async open(url: string): Promise<ContractCheck> {
    const check = new ContractCheck(url);
    for (const clause of sessionRepositoryContract) {
      const startedAt = performance.now();
      const breach = await check.#breach([clause], undefined);
      if (breach) throw new Error(`Without a mutant the contract is broken, too: ${breach}`);
      const isQuick = performance.now() - startedAt < QUICK_MS;
      (isQuick ? check.#quick : check.#slow).push(clause);
    }
    return check;
  }

  /**
   * Several mutants can be tried together.
   *
   * @returns the clause that failed first; `undefined` if none did.
   */
  quickBreach(guard: BrokenGuard): Promise<string | undefined> {
    return this.#breach(this.#quick, guard);
  }

  /** The same of the clauses that wait. To be called for one mutant at a time. */
  slowBreach(guard: BrokenGuard): Promise<string | undefined> {
    return this.#breach(this.#slow, guard);
  }

  /** All clauses run at the same time, under a prefix of their own. */
  async #breach(
    clauses: readonly ContractClause[],
    guard: BrokenGuard | undefined,
  ): Promise<string | undefined> {
    const client = new Redis(this.#url, { maxRetriesPerRequest: null, disconnectTimeout: 50 });
    client.on('error', () => undefined);
    if (guard) breakGuard(client, guard);
    const keyPrefix = `mutant-${runs++}:`;
    const prepared = clauses.map(({ limit, ...clause }) => {
      const settings = new SessionSettings({
        redis: client,
        keyPrefix,
        touchIntervalSeconds: 0,
        storeTimeoutMs: LIMIT_MS,
        ...(limit && { maxSessionsPerUser: limit }),
      });
      return { ...clause, settings };
    });
    const checks = prepared.map(async ({ name, check, settings }) => {
      const repository = new RedisSessionRepository(await openConnection(settings), settings);
      try {
        await check(repository);
      } catch {
        throw new Error(name);
      }
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('time limit')), LIMIT_MS);
    });
    try {
      await Promise.race([Promise.all(checks), late]);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      clearTimeout(timer);
      // The others find out that nothing answers them any more.
      void Promise.allSettled(checks);
      client.disconnect();
    }
  }
}
