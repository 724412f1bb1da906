import { Logger } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import { NO_CREDENTIALS } from './ask-credentials.js';
import { isWrongDatabase } from './database.js';

/** What hears of a client's errors: without anybody who does, they would end the process. */
export type Watch = (client: Redis | Cluster) => void;

interface ClientError extends NodeJS.ErrnoException {
  /** Of a Cluster, what was wrong with the last of its servers. */
  readonly lastNodeError?: ClientError;
}

/** What the words mean that Redis refuses a connection with. */
const REFUSALS: Record<string, string> = {
  WRONGPASS: 'the user name or password is wrong',
  NOAUTH: 'it asks for a password, and none is configured',
  NOPERM: 'the user lacks a permission that connecting needs',
  [NO_CREDENTIALS]: 'redisCredentials threw, gave no password, or took too long',
};

const NO_HANDSHAKE =
  'there was no TLS handshake. If its port speaks no TLS, use redis:// or leave out the option tls';
/** How long a server may take for one before the log says so. */
const HANDSHAKE_MS = 1000;

/** For callers that notice by themselves that the connection is lost, and say so. */
export const ignoreOutages: Watch = (client) => void client.on('error', () => undefined);

/**
 * One line when the connection is lost and one when it is back, however often it is tried meanwhile. Until it was there once, and
 * where Redis itself refuses, a line for each reason.
 */
export function logOutages(client: Redis | Cluster): void {
  const logger = new Logger('SessionRedis');
  let isConnected = false;
  let wasReady = false;
  /** Each attempt may fail in two ways, time and again. */
  const reasons = new Set<string>();
  const say = (reason: string) =>
    logger.error(
      `No connection to Redis at ${placeOf(client)} (${reason}). Requests that need a session get 503 until it is back.`,
    );
  client.on('connecting', () => {
    // The client would only say so after `connectTimeout`, and not what is wrong.
    setTimeout(() => {
      if (!isWithoutHandshake(client) || reasons.size > 0) return;
      reasons.add(NO_HANDSHAKE);
      say(NO_HANDSHAKE);
    }, HANDSHAKE_MS).unref();
  });
  client.on('connect', () => (isConnected = true));
  client.on('close', () => (isConnected = false));
  client.on('error', (error: ClientError) => {
    if (error.message.startsWith('Command queue state error')) {
      logger.error(
        'An answer came from Redis that nobody had asked for. The connection is replaced.',
      );
      if (client.status === 'ready') client.disconnect(true);
      return;
    }
    // That of a command, which is told where it was sent.
    if (error.name === 'MaxRetriesPerRequestError') return;
    const cause = error.lastNodeError ?? error;
    const reason = reasonOf(cause, wasReady ? undefined : hintOnTls(cause, client, isConnected));
    // What follows from the first, such as that the client gave up, has no word of its own.
    const isFurther = reasons.size > 0 && (reason === 'Error' || (wasReady && cause.code));
    if (isFurther || [...reasons].some((said) => reason.includes(said))) return;
    reasons.add(reason);
    say(reason);
  });
  client.on('ready', () => {
    wasReady = true;
    if (reasons.size > 0) logger.log('Connected to Redis again.');
    reasons.clear();
  });
}

/** Never a whole message: it may name what was sent. */
function reasonOf(error: ClientError, hint: string | undefined): string {
  if (isWrongDatabase(error)) return `it refused SELECT: ${firstWordOf(error)}`;
  const word = codeOf(error) ?? firstWordOf(error);
  const meaning = hint ?? REFUSALS[word];
  return meaning ? `${word}: ${meaning}` : word;
}

function codeOf({ code }: ClientError): string | undefined {
  // The same, seen when something was written.
  return code === 'EPIPE' ? 'ECONNRESET' : code;
}

/** What Redis said, in its own first word. ioredis 5 puts something in front. */
function firstWordOf({ name, message }: Error): string {
  return /^(?:Ready check failed: )?([A-Z]{2,})/.exec(message)?.[1] ?? name;
}

/** Neither side says what is wrong where one of them speaks TLS and the other does not. */
function hintOnTls(
  error: ClientError,
  client: Redis | Cluster,
  isConnected: boolean,
): string | undefined {
  const code = codeOf(error) ?? '';
  const isTls = hasTls(client);
  if (isTls && (code === 'ETIMEDOUT' || code === 'ECONNRESET' || code.startsWith('ERR_SSL'))) {
    return NO_HANDSHAKE;
  }
  if (!isTls && isConnected && code === 'ECONNRESET') {
    return 'it closed the connection before it was ready. If its port speaks TLS, use rediss:// or the option tls';
  }
  if (/CERT|ALTNAME/.test(code)) {
    return 'its certificate is not trusted. Name the authority in the option tls (ca)';
  }
  return undefined;
}

function isWithoutHandshake(client: Redis | Cluster): boolean {
  if (client.status !== 'connecting' || !('stream' in client)) return false;
  const stream: { connecting?: boolean; secureConnecting?: boolean } = client.stream ?? {};
  const { connecting, secureConnecting } = stream;
  return connecting === false && secureConnecting === true;
}

function hasTls(client: Redis | Cluster): boolean {
  const options = 'options' in client ? client.options : {};
  const { tls, redisOptions } = options as { tls?: object; redisOptions?: { tls?: object } };
  return Boolean(tls ?? redisOptions?.tls);
}

function placeOf(client: Redis | Cluster): string {
  if ('nodes' in client && typeof client.nodes === 'function') return 'the nodes of the Cluster';
  const { host, port, path, sentinels, name } = (client as Redis).options;
  if (sentinels?.length) return `the primary that Sentinel calls "${name}"`;
  return path ?? `${host}:${port}`;
}
