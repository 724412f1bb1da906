import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { projectRoot } from '../../redis-server/project.js';
import { node } from '../command.js';
import type { Packed } from '../npm.js';

/** Rules of package.json that publishers break. */
export async function checkManifest({ file }: Packed): Promise<string> {
  const tarball = new Uint8Array(await readFile(file)).buffer;
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
  const complaints = messages.map((message) => formatMessage(message, pkg, { color: false }));
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return 'publint has nothing to say';
}

/**
 * Types are found and are right by every way in which TypeScript looks for them, also by the old `node10` that Nest 11
 * applications were made with.
 *
 * That `require` gives an ES module is meant: Node loads it from 20.19 on, which is the oldest that the package takes.
 */
export async function checkTypes({ file }: Packed): Promise<string> {
  const program = join(projectRoot, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const options = ['--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji', '--no-color'];
  await node(dirname(file), program, file, ...options);
  return 'are the types wrong: no';
}
