import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The same from `redis-server/` and, compiled, from `dist/redis-server/`: the first folder upward that holds workspaces. */
function findRoot(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && 'workspaces' in JSON.parse(readFileSync(manifest, 'utf8'))) {
    return folder;
  }
  const parent = dirname(folder);
  if (parent === folder) {
    throw new Error(
      'No package.json with "workspaces" above the launcher: run it inside the project.',
    );
  }
  return findRoot(parent);
}

export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Engines that were fetched; git ignores it and it may be removed at any time. */
export const enginesFolder = join(projectRoot, '.redis', 'engines');

export const configFile = join(projectRoot, 'redis-server', 'redis.conf');
