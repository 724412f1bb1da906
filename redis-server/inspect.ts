import { Redis } from 'ioredis';
import { disconnectTimeout } from './ready.js';

/** What a server says of itself. */
export interface Inspection {
  /** e.g. "Redis 7.4.1 with Search". */
  readonly title: string;
  readonly hasSearch: boolean;
}

/** Rejects at the first failure to connect: who asks has made sure that the server is up, or wants to know. */
export async function inspect(url: string): Promise<Inspection> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 5_000,
    commandTimeout: 5_000,
    disconnectTimeout,
  });
  // The rejection of connect() only says "Connection is closed"; this one says why.
  let reason: Error | undefined;
  client.on('error', (error: Error) => (reason = error));
  try {
    await client.connect();
    const info = await client.info('server');
    const hasSearch = await client.call('FT._LIST').then(
      () => true,
      () => false,
    );
    return { title: `${serverName(info)} ${hasSearch ? 'with' : 'without'} Search`, hasSearch };
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

/** Valkey names itself, and still gives the version of Redis that it stands in for. */
function serverName(info: string): string {
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  const redis = /^redis_version:(\S+)/m.exec(info)?.[1];
  return valkey === undefined ? `Redis ${redis ?? 'of unknown version'}` : `Valkey ${valkey}`;
}
