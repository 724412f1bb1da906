import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Two servers that append to one file ruin it, so a folder has one launcher at a time. */
export interface DataFolder {
  readonly path: string;
  claim(): Promise<void>;
  release(): Promise<void>;
}

export async function temporaryFolder(): Promise<DataFolder> {
  const path = await mkdtemp(join(tmpdir(), 'redis-'));
  return {
    path,
    claim: async () => void (await mkdir(path, { recursive: true })),
    release: () => rm(path, { recursive: true, force: true }),
  };
}

const heldHere = new Set<string>();

export function lastingFolder(chosen: string): DataFolder {
  const path = resolve(chosen);
  const claimFile = join(path, 'launcher.pid');
  let isOurs = false;
  return {
    path,
    claim: async () => {
      // Still so after a crash of the server.
      if (isOurs) return;
      await mkdir(path, { recursive: true });
      await writeClaim(path, claimFile);
      isOurs = true;
      heldHere.add(path);
    },
    release: async () => {
      // After a refused claim the file belongs to the other launcher.
      if (!isOurs) return;
      await rm(claimFile, { force: true });
      isOurs = false;
      heldHere.delete(path);
    },
  };
}

async function writeClaim(path: string, claimFile: string): Promise<void> {
  try {
    await writeFile(claimFile, `${process.pid}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = Number(await readFile(claimFile, 'utf8').catch(() => ''));
    if (isHeldBy(holder, path)) {
      throw new Error(
        `${path} is in use by process ${holder}, which runs a Redis there. Stop it; if it is something else, remove ${claimFile}.`,
        { cause: error },
      );
    }
    // Left behind by a launcher that was killed.
    await rm(claimFile, { force: true });
    await writeClaim(path, claimFile);
  }
}

function isHeldBy(pid: number, path: string): boolean {
  if (pid === process.pid) return heldHere.has(path);
  try {
    // Signal 0 only asks.
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be asked, and is alive all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
