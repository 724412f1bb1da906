import type { RedisOptions } from 'ioredis';
import type { Durability, SessionOptions } from 'nestjs-redis-session';

/** What a process of the site is told when it starts. It travels as JSON, so there are no functions in it. */
export interface FaultSiteSettings {
  readonly platform: 'express' | 'fastify';
  /** A URL, options (Sentinel, TLS), or the nodes of a Cluster. */
  readonly redis: string | RedisOptions | { readonly cluster: readonly string[] };
  readonly session: Omit<SessionOptions, 'redis'>;
  /** How safe a sign-in and a sign-out are before they are answered. */
  readonly durable?: Durability | undefined;
}

/** How a process is, asked for over its channel to the test. */
export interface Vitals {
  /** Uncaught errors of promises and callbacks, and warnings such as of too many listeners; a sound process has none. */
  readonly uncaught: readonly string[];
  /** Connections of its own, such as to Redis; those of its visitors do not count. */
  readonly sockets: number;
  /** What else keeps it running, such as timers. */
  readonly handles: number;
  /** Its wall clock. */
  readonly now: number;
  readonly heapBytes: number;
  /** How long others had to wait for their turn, since this was asked last. */
  readonly loopDelayP99Ms: number;
}
