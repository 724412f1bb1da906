import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What comes from elsewhere is run only if it is, bit for bit, what was tried. */
export async function verify(file: string, sha256: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== sha256) {
    throw new Error(
      `${basename(file)} is not the file that was expected (SHA-256 ${found} instead of ${sha256}): a download cut ` +
        'half-way or a changed file. It was thrown away; try again, and if that does not help, do not trust its source',
    );
  }
}
