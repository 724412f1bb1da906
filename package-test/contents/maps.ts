import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * An editor that goes to a definition, and a debugger, follow the maps: each compiled file names its map, and each
 * map names a source that lies in the package. A file whose source is gone was left over by an earlier build.
 */
export async function checkMaps(installed: string, files: readonly string[]): Promise<string> {
  const compiled = files.filter((file) => /\.(js|d\.ts)$/.test(file));
  const wrong = (await Promise.all(compiled.map((file) => faultOf(installed, file)))).flat();
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return `${compiled.length} maps lead to a source`;
}

async function faultOf(installed: string, file: string): Promise<string[]> {
  const map = join(installed, `${file}.map`);
  const text = await readFile(join(installed, file), 'utf8');
  if (!text.includes(`sourceMappingURL=${basename(map)}`)) return [`${file} names no map`];
  if (!existsSync(map)) return [`the map of ${file} is not in the package`];
  const { sources } = JSON.parse(await readFile(map, 'utf8')) as { sources: string[] };
  return sources
    .filter((source) => !existsSync(join(dirname(map), source)))
    .map((source) => `${file} was made of ${source}, which is not in the package`);
}
