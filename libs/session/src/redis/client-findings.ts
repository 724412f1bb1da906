import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { RedisClient } from '../redis-client.js';

/** How often a connection has failed before the question whether it is tried again. */
const MANY_ATTEMPTS = 1000;

/** What is known of a client that was handed in. Those of a Cluster have the options of its connections in `redisOptions`. */
interface Given {
  readonly client: Partial<RedisOptions>;
  readonly connection: Partial<RedisOptions>;
  readonly cluster: Partial<ClusterOptions> | undefined;
}

interface Check {
  isHarmful(given: Given): boolean;
  /** The option, what it does to sessions, and what to set. */
  says(given: Given): string;
}

const CHECKS: readonly Check[] = [
  {
    isHarmful: ({ client }) => client.enableOfflineQueue === true,
    says: () =>
      'enableOfflineQueue: a command whose request got 503 is carried out when Redis is back. Set enableOfflineQueue: false.',
  },
  {
    // Once it has used up its attempts, ioredis drops commands that were not answered; with 0 it has from the start.
    isHarmful: ({ client, cluster }) =>
      !cluster &&
      client.autoResendUnfulfilledCommands === true &&
      client.maxRetriesPerRequest !== 0,
    says: () =>
      'autoResendUnfulfilledCommands: a write whose answer was lost is carried out twice. Set autoResendUnfulfilledCommands: false and maxRetriesPerRequest: 0.',
  },
  {
    isHarmful: ({ connection }) => !connection.commandTimeout,
    says: ({ cluster }) =>
      `commandTimeout is not set: a server that takes a connection and does not answer holds it, also after it has been replaced. Set ${cluster ? 'redisOptions: { commandTimeout: 1500 }' : 'commandTimeout: 1500'}.`,
  },
  {
    isHarmful: ({ client, cluster }) =>
      givesUp(cluster ? cluster.clusterRetryStrategy : client.retryStrategy),
    says: ({ cluster }) => {
      const option = cluster ? 'clusterRetryStrategy' : 'retryStrategy';
      return `${option} gives up: after a long outage requests that need a session get 503 until the application is restarted. Return a number of milliseconds, however many attempts have failed.`;
    },
  },
  {
    isHarmful: ({ client }) => Boolean(client.sentinels) && !client.sentinelCommandTimeout,
    says: () =>
      'sentinelCommandTimeout is not set: while the Sentinel that is asked first does not answer, the others are not asked. Set sentinelCommandTimeout: 500.',
  },
];

/**
 * Says how options of a client that was handed in harm sessions, a sentence for each. Nothing is changed, and nothing is sent;
 * the function that decides when to connect again is called once.
 */
export function clientFindings({ options, nodes }: RedisClient): string[] {
  // A client of another kind says nothing of itself.
  if (!options) return [];
  const client = options as Partial<RedisOptions>;
  const cluster = nodes ? (options as Partial<ClusterOptions>) : undefined;
  const given = { client, connection: cluster ? (cluster.redisOptions ?? {}) : client, cluster };
  return CHECKS.filter((check) => check.isHarmful(given)).map((check) => check.says(given));
}

function givesUp(strategy: unknown): boolean {
  if (typeof strategy !== 'function') return true;
  return typeof (strategy as (times: number) => unknown)(MANY_ATTEMPTS) !== 'number';
}
