import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const TOKEN_LENGTH = 43;

/** Looks for secrets where none may be. */
export function tokensIn(text: string, tokens: ReadonlySet<string>): string[] {
  const found: string[] = [];
  // A token may stand beside letters of something else.
  for (const [run] of text.matchAll(/[\w-]{43,}/g)) {
    for (let at = 0; at + TOKEN_LENGTH <= run.length; at++) {
      const part = run.slice(at, at + TOKEN_LENGTH);
      if (tokens.has(part)) found.push(part);
    }
  }
  return found;
}

/** Everything that a Redis has written to its folder: the append-only file, the snapshot, its log. */
export async function writtenIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(async ({ parentPath, name }) =>
    // It may be rewritten and gone by now.
    readFile(join(parentPath, name), 'latin1').catch(() => ''),
  );
  return (await Promise.all(texts)).join('\n');
}
