import type { DataFolder } from './data-folder.js';
import { inspect } from './inspect.js';
import type { Controls, Way } from './ways/way.js';

/** A running Redis and the handles to it. */
export interface RedisServer {
  readonly url: string;
  readonly way: Way;
  /** e.g. "Redis 7.4.1 with Search (wheel: Redis Stack from the Python registry, for development only)". */
  readonly description: string;
  readonly hasSearch: boolean;
  /** Where its data lies; undefined when the server is the reader's own. */
  readonly dataFolder: string | undefined;
  /** Saves the data and ends the server; a temporary data folder goes too. May be called twice; leaves a server of the reader's own alone. */
  stop(): Promise<void>;

  // The rest are for tests; with the reader's own server each throws.

  /** Kills it as a power cut would, and waits until it is gone. */
  crash(): Promise<void>;
  /** Starts it again on the same port; with its data, unless stop() removed a temporary folder. */
  start(): Promise<void>;
  /** It accepts connections and answers nothing, until thaw(). */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** Puts a name to what was launched, and ties the life of its data folder to it. */
export async function describeServer(
  way: Way,
  label: string,
  controls: Controls,
  data: DataFolder,
): Promise<RedisServer> {
  const { title, hasSearch } = await inspect(controls.url).catch(async (error: Error) => {
    await controls.stop();
    throw error;
  });
  return {
    ...controls,
    way,
    description: `${title} (${label})`,
    hasSearch,
    dataFolder: data.path,
    start: async () => {
      await data.claim();
      await controls.start();
    },
    stop: async () => {
      await controls.stop();
      await data.release();
    },
  };
}
