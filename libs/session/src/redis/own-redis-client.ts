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

/**
 * Replaces the connection, unless that is under way: ioredis stays `ready` until the server has closed it too, and each further call
 * would listen to it once more.
 *
 * @returns `false` when there is nothing to do.
 */
export function replaceConnection(
  client: Pick<OwnRedisClient, 'status' | 'stream' | 'disconnect'>,
): boolean {
  if (client.status !== 'ready' || client.stream?.writable === false) return false;
  client.disconnect(true);
  return true;
}
