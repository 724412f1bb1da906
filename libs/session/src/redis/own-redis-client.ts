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
