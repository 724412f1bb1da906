import { firstThatWorks, waysToTry } from './choose.js';
import { lastingFolder, temporaryFolder } from './data-folder.js';
import { freePort, isFree, PortTakenError } from './ports.js';
import { describeServer } from './server.js';
import type { RedisServer } from './server.js';
import { docker } from './ways/docker.js';
import { local } from './ways/local.js';
import { plain } from './ways/plain.js';
import { useOwnServer } from './ways/url.js';
import type { Controls, Engine, Say, WayToRedis } from './ways/way.js';
import { wheel } from './ways/wheel.js';

export type { RedisServer } from './server.js';
export type { Way } from './ways/way.js';

export interface LaunchOptions {
  /** Where the server keeps its append-only file and snapshot; a fresh temporary folder, removed at stop(), when left out. */
  dataFolder?: string;
  /** A fixed port on loopback; a free one when left out. */
  port?: number;
  /** Settings over those of redis.conf, e.g. { appendfsync: 'always' }. */
  settings?: Record<string, string>;
  /** Makes it a Sentinel instead, with these lines as its configuration; not in a container. */
  sentinel?: string;
  /** Added to the server's environment, where it is a program of this machine; a container has its own. */
  env?: Record<string, string>;
  /** Gets a line of progress or news; nothing is printed otherwise. */
  say?: Say;
}

const allWays: readonly WayToRedis[] = [docker, local, wheel, plain];

/** A real Redis: REDIS_URL, or the first way that works here, or the one that REDIS_ENGINE chooses. */
export async function launchRedis(
  options: LaunchOptions = {},
  ways: readonly WayToRedis[] = allWays,
): Promise<RedisServer> {
  const ownUrl = process.env['REDIS_URL'];
  if (ownUrl) return useOwnServer(ownUrl);
  const toTry = waysToTry(ways);
  const say = options.say ?? (() => {});
  if (options.port !== undefined && !(await isFree(options.port))) {
    throw new PortTakenError(options.port);
  }
  const data =
    options.dataFolder === undefined ? await temporaryFolder() : lastingFolder(options.dataFolder);
  await data.claim();
  try {
    return await firstThatWorks(
      toTry,
      async (way) => {
        const engine = await way.prepare(say);
        const controls = await launchOnPort(engine, data.path, options);
        return await describeServer(way.name, engine.label, controls, data);
      },
      say,
    );
  } catch (error) {
    await data.release();
    throw error;
  }
}

async function launchOnPort(
  engine: Engine,
  dataFolder: string,
  options: LaunchOptions,
  attempts = 5,
): Promise<Controls> {
  const { port, settings = {}, sentinel, env } = options;
  try {
    const free = port ?? (await freePort());
    return await engine.launch({ port: free, dataFolder, settings, sentinel, env });
  } catch (error) {
    // Somebody was quicker: with a port of our own choice the next one will do.
    const mayTryAnother = error instanceof PortTakenError && port === undefined && attempts > 1;
    if (!mayTryAnother) throw error;
    return launchOnPort(engine, dataFolder, options, attempts - 1);
  }
}
