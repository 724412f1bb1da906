import { inspect } from '../inspect.js';
import type { RedisServer } from '../server.js';

/** A server of the reader's own: we look at it once and leave it alone. */
export async function useOwnServer(url: string): Promise<RedisServer> {
  const { title, hasSearch } = await inspect(url).catch((error: Error) => {
    // The URL may hold a password: it is not repeated.
    throw new Error(
      `The Redis at REDIS_URL did not answer (${error.message}). Start it, or correct REDIS_URL.`,
      {
        cause: error,
      },
    );
  });
  return {
    url,
    way: 'url',
    description: `${title} (yours, from REDIS_URL)`,
    hasSearch,
    dataFolder: undefined,
    stop: async () => {},
    crash: refuse,
    start: refuse,
    freeze: refuse,
    thaw: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Error(
    'The server at REDIS_URL is yours: it is not ours to crash, start, freeze or thaw.',
  );
}
