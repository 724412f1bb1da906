import { SessionIndex } from '../core/session-index.js';
import { openConnection } from '../redis/open-connection.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { RedisSessionRepository } from '../redis/redis-session-repository.js';
import { MAX_COOKIE_AGE_SECONDS } from '../settings/lifetime-settings.js';
import { SessionService } from '../session.service.js';
import { SessionSettings } from '../session.settings.js';
import { SessionError } from '../session.errors.js';
import { lookAtCluster } from '../doctor/examine-cluster.js';
import { ClusterFailure } from './cluster-failure.js';
import type { Call } from './command.js';
import { connect, PATIENCE_MS } from './connect.js';

/** The sessions behind a URL, as the library has them. */
export interface Store {
  readonly settings: SessionSettings;
  readonly connection: RedisConnection;
  readonly repository: RedisSessionRepository;
  readonly service: SessionService;
}

/** Connects, does something, and leaves nothing open. */
export async function withStore<T>(
  { url, keyPrefix }: Pick<Call, 'url' | 'keyPrefix'>,
  act: (store: Store) => Promise<T>,
): Promise<T> {
  const client = await connect(url);
  try {
    const settings = new SessionSettings({
      redis: client,
      keyPrefix,
      storeTimeoutMs: PATIENCE_MS,
      // A sign-out everywhere is remembered for as long as a session can live, and the application's lifetimes are not known here.
      absoluteTimeoutSeconds: MAX_COOKIE_AGE_SECONDS,
    });
    const connection = await openConnection(settings);
    // Index documents are the application's: they go with their sessions, and are not made here.
    const repository = new RedisSessionRepository(
      connection,
      settings,
      new SessionIndex(undefined),
    );
    const service = new SessionService(repository, settings);
    try {
      return await act({ settings, connection, repository, service });
    } finally {
      await connection.close();
    }
  } catch (error) {
    const isOfStore = error instanceof SessionError && error.code === 'SESSION_STORE';
    throw isOfStore && 'nodes' in client
      ? new ClusterFailure(error, await lookAtCluster(client).catch(() => []))
      : error;
  } finally {
    client.disconnect();
  }
}
