import { Logger } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import { NO_ANSWER, NOT_READY } from './connecting.js';
import {
  type ClientError,
  hintOnTls,
  isOfSentinels,
  NO_HANDSHAKE,
  placeOf,
  reasonOf,
  reasonOfSentinels,
} from './outage-reason.js';
import { replaceConnection } from './own-redis-client.js';
import { ownWords } from './own-words.js';

/** What hears of a client's errors: without anybody who does, they would end the process. */
export type Watch = (client: Redis | Cluster) => void;

/** How long a server may take for a TLS handshake before the log says so. */
const HANDSHAKE_MS = 1000;

/** For callers that notice by themselves that the connection is lost, and say so. */
export const ignoreOutages: Watch = (client) => void client.on('error', () => undefined);

/**
 * One line when the connection is lost and one when it is back, however often it is tried meanwhile. Until it was there once, and
 * where Redis itself is the reason, a line for each reason.
 */
export function logOutages(client: Redis | Cluster): void {
  const logger = new Logger('SessionRedis');
  let isConnected = false;
  let wasReady = false;
  /** Each attempt may fail in two ways, time and again. */
  const reasons = new Set<string>();
  const say = (reason: string, error?: ClientError) => {
    if ([...reasons].some((said) => reason.includes(said))) return;
    reasons.add(reason);
    logger.error(
      `No connection to Redis at ${placeOf(client, error)} (${reason}). Requests that need a session get 503 until it is back.`,
    );
  };
  logSentinels(client, logger);
  client.on('connecting', () => {
    // The client would only say so after `connectTimeout`, and not what is wrong.
    setTimeout(() => {
      if (isWithoutHandshake(client) && reasons.size === 0) say(NO_HANDSHAKE);
    }, HANDSHAKE_MS).unref();
  });
  client.on('connect', () => (isConnected = true));
  client.on('close', () => (isConnected = false));
  client.on('error', (error: ClientError) => {
    if (error.message.startsWith('Command queue state error')) {
      if (!replaceConnection(client)) return;
      logger.error('Redis sent an answer without a question. The connection is replaced.');
      return;
    }
    // That of a command, which is told where it was sent.
    if (error.name === 'MaxRetriesPerRequestError') return;
    const cause = error.lastNodeError ?? error;
    const reason = isOfSentinels(error)
      ? reasonOfSentinels(error)
      : reasonOf(cause, client, wasReady ? undefined : hintOnTls(cause, client, isConnected));
    if (reason && !(reasons.size > 0 && isFurther(cause, reason, wasReady))) say(reason, error);
  });
  client.on('ready', () => {
    wasReady = true;
    if (reasons.size > 0) logger.log('Connected to Redis again.');
    reasons.clear();
  });
}

/** What follows from the first reason, such as that the client gave up, has no line of its own. */
function isFurther(error: ClientError, reason: string, wasReady: boolean): boolean {
  if (reason === 'Error' || isOfSentinels(error)) return true;
  return wasReady && error.code !== undefined && ![NO_ANSWER, NOT_READY].includes(error.code);
}

/** One line for each Sentinel that is of no use, until there is a connection. */
function logSentinels(client: Redis | Cluster, logger: Logger): void {
  const told = new Set<string>();
  client.on('sentinelError', ({ message }: Error) => {
    const [, place, problem] =
      /sentinel (\S+) (?:because |successfully, but )(.*)/s.exec(message) ?? [];
    if (place === undefined || told.has(place)) return;
    told.add(place);
    logger.warn(
      `The Sentinel at ${place} does not say where Redis is (${ownWords(problem!, 120)}). The next one is asked.`,
    );
  });
  client.on('ready', () => told.clear());
}

function isWithoutHandshake(client: Redis | Cluster): boolean {
  if (client.status !== 'connecting' || !('stream' in client)) return false;
  const stream: { connecting?: boolean; secureConnecting?: boolean } = client.stream ?? {};
  const { connecting, secureConnecting } = stream;
  return connecting === false && secureConnecting === true;
}
