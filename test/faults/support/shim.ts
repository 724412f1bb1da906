import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../../../src/project-folder.js';

/** A library that a program loads before the system's own, to be lied to about the disk or the time. */
export interface Shim {
  readonly env: { readonly LD_PRELOAD: string };
  /** Where files for it can be put. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** @param name of a file in the folder `shims` */
export async function buildShim(name: string): Promise<Shim> {
  const folder = await mkdtemp(join(tmpdir(), 'shim-'));
  const library = join(folder, `${name}.so`);
  const source = join(projectFolder(), 'test/faults/shims', `${name}.c`);
  execFileSync('gcc', ['-O2', '-Wall', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  return {
    env: { LD_PRELOAD: library },
    folder,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
