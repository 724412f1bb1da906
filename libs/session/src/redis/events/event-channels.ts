import { SessionKeys } from '../keys.js';
import type { RedisConnection } from '../redis-connection.js';

/** Where events go, and where they are heard. */
export interface EventChannels {
  /** Whether only one part of a Cluster carries them. */
  readonly isSharded: boolean;
  /** As it is said to the client of the sessions, which puts its own prefix in front of what is a key to it. */
  readonly publishTo: string;
  readonly events: string;
  /** Where Redis tells which keys have expired; `undefined` where nobody wants to know. */
  readonly expiries: string | undefined;
}

export function eventChannels(
  connection: RedisConnection,
  keys: SessionKeys,
  hearsExpiries: boolean,
): EventChannels {
  const { clientPrefix, isCluster, database } = connection;
  const channel = keys.eventChannel(database);
  return {
    isSharded: isCluster,
    publishTo: isCluster ? channel : clientPrefix + channel,
    events: clientPrefix + channel,
    expiries: hearsExpiries ? `__keyevent@${database}__:expired` : undefined,
  };
}
