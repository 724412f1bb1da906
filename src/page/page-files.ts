import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { projectFolder } from '../project-folder.js';

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Read once and looked up by name: a request can ask for nothing outside this map. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = join(projectFolder(), 'src/page/public');
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type) files.set(name, { type, bytes: readFileSync(join(folder, name)) });
  }
  return files;
}
