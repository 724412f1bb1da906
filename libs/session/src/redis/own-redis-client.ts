import type { RedisClient } from '../redis-client.js';

/** A client that was made here, so it is ours to wait for, to reconnect and to close. */
export interface OwnRedisClient extends RedisClient {
  connect(): Promise<void>;
  on(event: 'ready', listener: () => void): unknown;
  once(event: 'ready', listener: () => void): unknown;
  emit(event: 'error', error: Error): unknown;
  quit(): Promise<unknown>;
  /** A Cluster has one for each node. */
  readonly stream?: {
    readonly writable: boolean;
    once(event: 'data' | 'close', listener: () => void): unknown;
    off(event: 'data' | 'close', listener: () => void): unknown;
  };
  disconnect(reconnects?: boolean): void;
}

/** A connection that can be replaced. */
type Replaceable = Pick<OwnRedisClient, 'status' | 'stream' | 'disconnect'>;

/** Whether there is a connection that is not being replaced yet: ioredis stays `ready` until the server has closed it too. */
export function isConnected({ status, stream }: Pick<Replaceable, 'status' | 'stream'>): boolean {
  return status === 'ready' && stream?.writable !== false;
}

/**
 * Replaces the connection, unless that is under way: ioredis would listen to its end once more with each call.
 *
 * @returns `false` when there is nothing to do.
 */
export function replaceConnection(client: Replaceable): boolean {
  if (!isConnected(client)) return false;
  client.disconnect(true);
  return true;
}
