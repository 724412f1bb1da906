import type { Cluster, Redis } from 'ioredis';
import { NO_CREDENTIALS } from './ask-credentials.js';
import { NO_ANSWER, NOT_READY } from './connecting.js';
import { isWrongDatabase } from './database.js';
import { ownWords } from './own-words.js';

export interface ClientError extends NodeJS.ErrnoException {
  /** Where a server is to which no connection could be made. */
  readonly address?: string;
  readonly port?: number;
  /** Of a Cluster, what was wrong with the last of its servers. */
  readonly lastNodeError?: ClientError;
}

const LONGEST_REASON = 120;

/** What is said instead of the words of Redis, which name no cure. */
const MEANINGS: Record<string, string> = {
  WRONGPASS: 'the user name or password is wrong',
  NOAUTH: 'it asks for a password, and none is configured',
  [NO_CREDENTIALS]: 'redisCredentials threw, gave no password, or took too long',
  [NO_ANSWER]: 'it takes connections and does not answer in time',
  [NOT_READY]: 'it answers and is not ready in time. It may be loading its data',
};

export const NO_HANDSHAKE =
  'there was no TLS handshake. If its port speaks no TLS, use redis:// or leave out the option tls';

/** Why there is no connection: the code of the network, or what Redis said. @param hint counts more than its words. */
export function reasonOf(error: ClientError, client: Redis | Cluster, hint?: string): string {
  if (isWrongDatabase(error)) return `it refused SELECT: ${said(error, client)}`;
  const code = codeOf(error);
  const words = code ?? said(error, client);
  const word = /^\w+/.exec(words)?.[0] ?? words;
  const meaning = hint ?? MEANINGS[word];
  return meaning ? `${word}: ${meaning}` : words;
}

/** Whether a client has come to the end of its list of Sentinels. */
export function isOfSentinels({ message }: Error): boolean {
  return message.startsWith('All sentinels are unreachable');
}

/** What the end of a list of Sentinels means. @returns nothing where they did answer, and only the list has come to its end. */
export function reasonOfSentinels({ message }: Error): string | undefined {
  const [, last] = /Last error: (.*)/s.exec(message) ?? [];
  return last && `no Sentinel answers. The last one: ${ownWords(last, LONGEST_REASON)}`;
}

/** Neither side says what is wrong where one of them speaks TLS and the other does not. */
export function hintOnTls(
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

/** Where the server is that an error is about. */
export function placeOf(client: Redis | Cluster, error: ClientError = new Error()): string {
  const { address, port } = error.lastNodeError ?? error;
  const failed = address === undefined ? undefined : `${address}:${port}`;
  if (client.isCluster) return failed ?? 'the nodes of the Cluster';
  const { options, stream } = client as Redis;
  if (options.sentinels?.length) {
    const place = failed ?? addressOf(stream);
    return [place, `the primary that Sentinel calls "${options.name}"`].filter(Boolean).join(', ');
  }
  return options.path ?? `${options.host}:${options.port}`;
}

/** A client that has not connected yet has no stream. */
function addressOf(stream: Redis['stream'] | undefined): string | undefined {
  return stream?.remoteAddress && `${stream.remoteAddress}:${stream.remotePort}`;
}

function codeOf({ code }: ClientError): string | undefined {
  // The same, seen when something was written.
  return code === 'EPIPE' ? 'ECONNRESET' : code;
}

/** The first words of Redis itself. ioredis 5 puts something in front. A server that repeats a password is not repeated. */
function said({ name, message }: Error, client: Redis | Cluster): string {
  if (name !== 'ReplyError' && !/^(Ready check failed: )?[A-Z]{2,} /.test(message)) return name;
  const words = ownWords(message.replace(/^Ready check failed: /, ''), LONGEST_REASON);
  const { password } = client.options as { password?: string | null };
  return password ? words.replaceAll(password, '***') : words;
}

function hasTls(client: Redis | Cluster): boolean {
  const options = 'options' in client ? client.options : {};
  const { tls, redisOptions } = options as { tls?: object; redisOptions?: { tls?: object } };
  return Boolean(tls ?? redisOptions?.tls);
}
