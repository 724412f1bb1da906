import type { Redis } from 'ioredis';
import type { SessionRepository } from 'nestjs-redis-session/testing';
import type { BusyTimes } from './busy-times.js';
import type { ConnectStore } from './connect-store.js';
import type { Content } from './content.js';
import { copySession } from './copies.js';
import { inBatches } from './in-batches.js';
import { create } from './library-store.js';
import { Trips } from './trips.js';

/** One way to end all sessions of a user. */
export interface Way {
  readonly name: 'library' | 'store.all()';
  /** Begins so many sessions of a user, or of guests. */
  begin(count: number, content: Content, userId?: string): Promise<void>;
  /** @returns how many were ended. */
  endAllOf(userId: string): Promise<number>;
  /** How many times one after the other Redis was asked for that. */
  trips(times: BusyTimes): number;
}

/** @param loading over a connection that sends much at once. @param asking over `redis`, a connection as an application has it. */
export function libraryWay(
  loading: SessionRepository,
  asking: SessionRepository,
  redis: Redis,
): Way {
  const trips = new Trips(redis);
  return {
    name: 'library',
    begin: async (count, content, userId) => {
      if (userId === undefined) return inBatches(count, () => create(loading, content));
      await create(loading, content, userId);
      await copySession(redis, userId, count - 1);
    },
    endAllOf: async (userId) => {
      trips.take();
      const { ended } = await asking.revokeAllOfUser(userId);
      return ended;
    },
    trips: () => trips.take(),
  };
}

/** Reads every session there is; the application must have put the user's id into each. */
export function storeAllWay(store: ConnectStore): Way {
  return {
    name: 'store.all()',
    begin: (count, content, userId) => {
      const stored = userId === undefined ? content : { ...content, userId };
      return inBatches(count, () => store.create(stored));
    },
    endAllOf: (userId) => store.endAllOf(userId),
    // Page by page the keys; then all values; then all removals at once.
    trips: (times) => times.calls.get('scan')! + 2,
  };
}
