import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onPath } from '../on-path.js';
import { runProgram } from '../process.js';
import type { Program } from '../process.js';
import type { WayToRedis } from './way.js';

/** A Redis with Search that somebody installed: Redis Stack, or a Redis 8 with its modules. */
export const local: WayToRedis = {
  name: 'local',
  async prepare() {
    const program = (await stack()) ?? (await serverWithModule());
    return {
      label: `local: ${program.binary}`,
      launch: (lodging) => runProgram(program, lodging),
    };
  },
};

/** Redis Stack's own start script turns protected mode off and loads modules that nobody asked for: go around it. */
async function stack(): Promise<Program | undefined> {
  const script = await onPath('redis-stack-server');
  if (script === undefined) return undefined;
  const folder = dirname(await realpath(script));
  return withSearch(join(folder, 'redis-server'), folder);
}

async function serverWithModule(): Promise<Program> {
  const binary = await onPath('redis-server');
  if (binary === undefined) {
    throw new Error('neither redis-stack-server nor redis-server on the PATH');
  }
  const program = withSearch(binary, dirname(await realpath(binary)));
  if (program === undefined) {
    throw new Error(`${binary} comes without the Search module (redisearch.so)`);
  }
  return program;
}

function withSearch(binary: string, folder: string): Program | undefined {
  // Where Redis Stack, and where Redis 8 (packages and `make install`) put it.
  const searchModule = ['../lib/redisearch.so', '../lib/redis/modules/redisearch.so']
    .map((file) => join(folder, file))
    .find((file) => existsSync(file));
  return searchModule === undefined ? undefined : { binary, searchModule };
}
