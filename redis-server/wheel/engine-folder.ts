import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const scratchPrefix = '.fetching-';

// Older scratch folders belong to nobody: their process was killed before it could clear up.
const abandonedAfterMs = 3_600_000;

/**
 * A folder that is there whole or not at all: it is filled beside its place and takes it with one rename. Of several
 * processes that fill it at once the first to end wins, and the others use what it left.
 */
export async function madeWhole(
  folder: string,
  fill: (scratch: string) => Promise<string>,
): Promise<void> {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const scratch = await mkdtemp(join(parent, scratchPrefix));
  try {
    const filled = await fill(scratch);
    await rename(filled, folder).catch((error: NodeJS.ErrnoException) => {
      const wasFirst = error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST';
      if (wasFirst) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  const scratches = (await readdir(parent)).filter((name) => name.startsWith(scratchPrefix));
  for (const scratch of scratches.map((name) => join(parent, name))) {
    const found = await stat(scratch).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await rm(scratch, { recursive: true, force: true });
    }
  }
}
