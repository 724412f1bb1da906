import type { RedisClient } from '../../redis-client.js';
import { noSearch, searchError, wrongDatabase } from './search-error.js';

/** The first whose query language takes values apart from the text. */
const OLDEST_SEARCH = 20_400;
/** The first that answers for a whole Cluster: the one inside Redis 8. */
const CLUSTER_SEARCH = 80_000;

/** @throws {SessionError} `SESSION_SEARCH` when this client, or this server, cannot search, saying why. */
export async function assertSearchable(
  client: RedisClient,
  info: (section: string) => Promise<string>,
): Promise<void> {
  if (client.options?.keyPrefix) {
    throw searchError(
      'The Redis client has a keyPrefix of its own, which Redis Search does not know of. Leave it out there, and set keyPrefix of SessionModule instead.',
    );
  }
  if (client.options?.db) throw wrongDatabase();
  const version = Number(/^module:name=search,ver=(\d+)/m.exec(await info('modules'))?.[1] ?? 0);
  if (version < OLDEST_SEARCH) throw noSearch();
  if (version < CLUSTER_SEARCH && /^cluster_enabled:1/m.test(await info('cluster'))) {
    throw searchError(
      `This is a Cluster, and its Redis Search (${version}) sees one node only. Use Redis 8, whose Search answers for all nodes. Sessions work without it; only SessionSearch does not.`,
    );
  }
}
