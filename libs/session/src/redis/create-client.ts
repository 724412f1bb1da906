import { type Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisClient } from '../redis-client.js';
import { SessionError } from '../session.errors.js';
import type { RedisCredentials, SessionOptions } from '../session.options.js';
import { askAtEachConnect } from './ask-credentials.js';
import {
  CONNECT_TIMEOUT_MS,
  limitConnecting,
  pauseBefore,
  RetryPace,
  SENTINEL_TIMEOUT_MS,
} from './connecting.js';
import type { DurableRedisClient } from './durable/durable-client.js';
import { leaveWrongDatabase } from './database.js';
import { logOutages, type Watch } from './outages.js';
import { isConnected } from './own-redis-client.js';
import { tellRefusals } from './tell-refusals.js';
import { writeTogether } from './write-together.js';

/** Whatever was configured: without these a command can be carried out twice, late, or never be answered. */
const SAFETY = {
  lazyConnect: true,
  // Measured: with the defaults a command whose connection broke before the answer is applied twice, and one
  // sent while Redis is down is answered after 10 (ioredis 5) or 73 seconds (6).
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  // The shape of replies that ioredis 5 and 6 have in common.
  replyMapping: 'legacy',
} satisfies RedisOptions;

/** Where the application has chosen none. */
const CONNECT_TIMEOUT_OF_IOREDIS = 10_000;

const SLOTS_REFRESH_MS = 5000;

/**
 * @param last what counts more than what was configured.
 * @param credentials is asked for them before each attempt to connect.
 * @throws {SessionError} `SESSION_CONFIG` when ioredis does not take the URL or the options.
 */
export function createClient(
  given: string | RedisOptions,
  last: object = {},
  watch: Watch = logOutages,
  credentials: SessionOptions['redisCredentials'] = undefined,
): Redis {
  const pace = new RetryPace();
  const defaults = {
    ...recovering(pace),
    connectionName: 'nestjs-redis-session',
    keepAlive: 30_000,
    // A primary that was demoted answers READONLY to each command that is under way: find the new one, once. Never 2: that would
    // send the command again.
    reconnectOnError: ({ message }: Error) => message.startsWith('READONLY') && isConnected(client),
    failoverDetector: true,
  } satisfies RedisOptions;
  const client: Redis = constructed(() =>
    typeof given === 'string'
      ? new Redis(given, { ...defaults, ...SAFETY, ...last })
      : new Redis({ ...defaults, ...given, ...SAFETY, ...last }),
  );
  writeTogether(client);
  tend(client, watch, pace);
  if (credentials) {
    const limitMs = typeof given === 'string' ? undefined : given.connectTimeout;
    askAtEachConnect(client, async () => checked(await credentials()), limitMs);
  }
  return client;
}

/** What a connection needs to come back by itself, where the application has not said otherwise. */
function recovering({ retryStrategy }: RetryPace) {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    // Of a connection that is gone; the default keeps a process alive for two seconds at its end.
    disconnectTimeout: 200,
    retryStrategy,
    sentinelRetryStrategy: pauseBefore,
  } satisfies RedisOptions;
}

/** What each client gets that is made here, whatever it is for. */
function tend(client: Redis | Cluster, watch: Watch, pace: RetryPace): void {
  leaveWrongDatabase(client);
  limitConnecting(client);
  tellRefusals(client);
  pace.follow(client);
  watch(client);
}

/** A connection without a password would have the rights of nobody, or of everybody. */
function checked(credentials: RedisCredentials): RedisCredentials {
  const { username, password } = credentials;
  if (typeof password === 'string' && ['string', 'undefined'].includes(typeof username)) {
    return credentials;
  }
  throw new TypeError('redisCredentials gave no password');
}

/** What ioredis throws may repeat the URL, and with it the password. */
function constructed(construct: () => Redis): Redis {
  try {
    return construct();
  } catch {
    throw new SessionError(
      'SESSION_CONFIG',
      'SessionModule: ioredis makes no client of the option redis. Check its host and port, and that a password in a URL is percent-encoded.',
    );
  }
}

/**
 * A connection of our own to where a client leads that was handed in: it may block, and theirs may not.
 *
 * @param credentials is asked for them before each attempt to connect; those of the client when left out. Not of a Cluster.
 */
export function createTwin(
  client: RedisClient,
  last: object,
  watch: Watch = logOutages,
  credentials: () => RedisOptions = () => (client as Redis).options,
): DurableRedisClient {
  if (!('duplicate' in client)) {
    throw new SessionError(
      'SESSION_CONFIG',
      'What is to be durable, what listens and what searches needs a connection of its own, and the client of the option redis has no method duplicate(). Hand in a client of ioredis, or a URL.',
    );
  }
  const pace = new RetryPace();
  const twin: Redis | Cluster = client.nodes
    ? twinOfCluster(client as unknown as Cluster)
    : twinOfServer(client as unknown as Redis, last, pace);
  tend(twin, watch, pace);
  // Its owner sets a new password there; what the twin was made with would be refused for ever.
  if (!client.nodes) askAtEachConnect(twin as Redis, credentials);
  return twin as unknown as DurableRedisClient;
}

/** It comes back as any client that is made here: with the defaults of ioredis it could take a minute. */
function twinOfServer(client: Redis, last: object, pace: RetryPace): Redis {
  const { connectTimeout, sentinelCommandTimeout = SENTINEL_TIMEOUT_MS } = client.options;
  const chosen = connectTimeout === CONNECT_TIMEOUT_OF_IOREDIS ? {} : { connectTimeout };
  const ours = { ...recovering(pace), ...chosen, sentinelCommandTimeout };
  return client.duplicate({ ...ours, ...SAFETY, ...last });
}

function twinOfCluster(cluster: Cluster): Cluster {
  const given = cluster.options.redisOptions ?? {};
  const { connectTimeout = CONNECT_TIMEOUT_MS } = given;
  const twin = cluster.duplicate([], {
    lazyConnect: true,
    redisOptions: { connectTimeout },
    // A replica may answer for a slot that has moved, and ioredis would not hear of it.
    scaleReads: 'master',
    // A server that says nothing does not say either that another one has its slots.
    slotsRefreshInterval: cluster.options.slotsRefreshInterval || SLOTS_REFRESH_MS,
  });
  // The twin has a copy of these, and its owner sets a new password in theirs.
  for (const name of ['username', 'password'] as const) {
    const property = { get: () => given[name], enumerable: true };
    Object.defineProperty(twin.options.redisOptions, name, property);
  }
  return twin;
}
