import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../redis-server/project.js';
import { command } from './command.js';

// What npm has fetched once stays in its cache, so all folders together cost one download.
const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];

/** The package as it would be published. */
export interface Packed {
  readonly file: string;
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly unpackedSize: number;
  /** Paths within the package. */
  readonly files: readonly string[];
}

export async function pack(folder: string): Promise<Packed> {
  const args = ['pack', '--json', '--foreground-scripts=false', '--loglevel=error'];
  const where = ['--workspace', 'nestjs-redis-session', '--pack-destination', folder];
  const [packed] = JSON.parse(await command(projectRoot, 'npm', [...args, ...where])) as [
    Omit<Packed, 'file' | 'files'> & { filename: string; files: { path: string }[] },
  ];
  const files = packed.files.map(({ path }) => path);
  return { ...packed, file: join(folder, packed.filename), files };
}

/** An application that is new: a manifest, and what npm makes of it. */
export async function installFresh(
  folder: string,
  manifest: { readonly type?: 'module'; readonly dependencies: Record<string, string> },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const whole = { name: 'fresh-app', version: '1.0.0', private: true, ...manifest };
  await writeFile(join(folder, 'package.json'), JSON.stringify(whole, undefined, 2));
  await npmInstall(folder);
}

/** @param more packages that are not in its manifest. */
export async function npmInstall(folder: string, ...more: string[]): Promise<void> {
  await command(folder, 'npm', ['install', ...quietly, ...more]);
}
