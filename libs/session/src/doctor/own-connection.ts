import type { RedisClient } from '../redis-client.js';

/** How long one server may take for all that it is asked. */
const PATIENCE_MS = 4000;

/** What `Redis` and `Cluster` of ioredis have besides, and the doctor needs for connections of its own. */
interface OwnClient extends RedisClient {
  on(event: 'error', listener: (error: Error) => void): unknown;
  connect(): Promise<void>;
  disconnect(): void;
}

export interface ClusterClient extends OwnClient {
  nodes(role?: 'master' | 'slave'): RedisClient[];
}

interface Original {
  duplicate(...options: unknown[]): OwnClient;
}

/** What came of asking a server. */
export type Answer<T> = { readonly value: T } | { readonly reason: string };

/** One try: a server that does not answer is a finding. */
const ONCE = {
  lazyConnect: true,
  connectTimeout: PATIENCE_MS,
  // A server that loads its data says so.
  enableReadyCheck: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  disconnectTimeout: 50,
};

/** Asks a server on a connection of its own, made like the one of a client. @param address another server than the client's. */
export function askServer<T>(
  client: RedisClient,
  address: { host: string; port: number } | undefined,
  ask: (server: RedisClient) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Answer<T>> {
  const place = address && { ...address, sentinels: null, path: null };
  return askOnce(client, (original) => original.duplicate({ ...ONCE, ...place }), ask, patienceMs);
}

/** Asks a Cluster on a connection of its own, which takes a Cluster that is down for one. */
export function askCluster<T>(
  client: RedisClient,
  ask: (cluster: ClusterClient) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Answer<T>> {
  const options = { ...ONCE, clusterRetryStrategy: () => null };
  return askOnce(
    client,
    (original) => original.duplicate([], options),
    (cluster) => ask(cluster as ClusterClient),
    patienceMs,
  );
}

async function askOnce<T>(
  client: RedisClient,
  copy: (original: Original) => OwnClient,
  ask: (own: OwnClient) => Promise<T>,
  patienceMs: number,
): Promise<Answer<T>> {
  if (!('duplicate' in client)) return { reason: 'the client has no method duplicate()' };
  const own = copy(client as unknown as Original);
  let reason: unknown;
  own.on('error', (error) => (reason ??= error));
  try {
    return {
      value: await within(
        own.connect().then(() => ask(own)),
        patienceMs,
      ),
    };
  } catch (error) {
    return { reason: reasonOf(reason ?? error) };
  } finally {
    own.disconnect();
  }
}

/** Rejects when the answer takes too long: a server that is frozen never gives one. */
export async function within<T>(answer: Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no answer within ${patienceMs / 1000} seconds`);
    timer = setTimeout(() => reject(error), patienceMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** The code of the network or the first word of Redis; never all of a message, which may repeat a password. */
function reasonOf(error: unknown): string {
  const {
    code,
    message = '',
    lastNodeError,
  } = error as NodeJS.ErrnoException & {
    lastNodeError?: unknown;
  };
  if (lastNodeError) return reasonOf(lastNodeError);
  if (typeof code === 'string') return code;
  if (message.startsWith('no answer')) return message;
  return /^[A-Z]{2,}\b/.exec(message)?.[0] ?? 'it closed the connection';
}
