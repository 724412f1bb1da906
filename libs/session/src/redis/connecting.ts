import type { Cluster, Redis } from 'ioredis';
import { deadline } from './deadline.js';

/** How the log calls a server that says nothing. */
export const NO_ANSWER = 'NOANSWER';
/** One that says something, and is not ready in time. */
export const NOT_READY = 'NOTREADY';

/**
 * How long a server has to take a connection, and then to be ready. With the pauses of {@link RetryPace} an application is back
 * within two seconds of its server.
 */
export const CONNECT_TIMEOUT_MS = 1500;
/** How long one Sentinel has to answer, before the next one is asked. ioredis would wait for ever. */
export const SENTINEL_TIMEOUT_MS = 500;

const FIRST_PAUSE_MS = 50;
const SHORT_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 800;
/** From the tenth attempt on each pause is a tenth longer, so it is about a tenth of the time that the server has been away. */
const SHORT_PAUSES = 10;
const GROWTH = 1.1;

/** How long to wait before an attempt to connect: 800 ms at most, and up to half of it more or less. */
export function pauseBefore(attempt: number): number {
  return spread(meanPause(attempt));
}

/** Attempts of one client. One that was long in vain was a pause itself. */
export class RetryPace {
  #beganAt = 0;

  readonly retryStrategy = (attempt: number): number => {
    const tookMs = performance.now() - this.#beganAt;
    return spread(Math.max(FIRST_PAUSE_MS, meanPause(attempt) - tookMs));
  };

  follow(client: Redis | Cluster): void {
    client.on('connecting', () => (this.#beganAt = performance.now()));
  }
}

/**
 * Leaves a server that takes a connection and is not ready in time, for a new attempt: the limit of ioredis ends when the server
 * takes the connection, and its ready check has none. Every client that is made here gets it, each node of a Cluster included.
 */
export function limitConnecting(client: Redis | Cluster): void {
  if (client.isCluster) {
    client.on('+node', limitConnecting);
    return;
  }
  const redis = client as Redis;
  let callOff = (): void => undefined;
  redis.on('connect', () => {
    const { stream } = redis;
    let problem = NO_ANSWER;
    stream.once('data', () => (problem = NOT_READY));
    callOff();
    callOff = deadline(redis.options.connectTimeout ?? CONNECT_TIMEOUT_MS, () => {
      redis.emit('error', notReady(problem));
      stream.destroy();
    });
  });
  redis.on('ready', () => callOff());
  redis.on('close', () => callOff());
}

/** What a client tells of a server that it leaves. */
export function notReady(code: string): Error {
  return Object.assign(new Error('Redis is not ready in time'), { code });
}

function meanPause(attempt: number): number {
  const grown = SHORT_PAUSE_MS * GROWTH ** Math.max(0, attempt - SHORT_PAUSES);
  return Math.min(FIRST_PAUSE_MS * attempt, grown, LONGEST_PAUSE_MS);
}

/** Instances that have lost the same server come back one after the other. */
function spread(ms: number): number {
  return ms * (0.5 + Math.random());
}
