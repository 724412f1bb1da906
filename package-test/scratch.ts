import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ending = new AbortController();

/** For what is started meanwhile: it ends with this program. */
export const untilEnd: AbortSignal = ending.signal;

/** A folder that is gone when the work is done, also when somebody breaks it off. */
export async function withScratch<Result>(
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'package-test-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const endNow = () => {
    ending.abort();
    remove();
    process.exit(130);
  };
  process.once('SIGINT', endNow).once('SIGTERM', endNow);
  try {
    return await work(folder);
  } finally {
    process.off('SIGINT', endNow).off('SIGTERM', endNow);
    remove();
  }
}
