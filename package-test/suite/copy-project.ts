import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { enginesFolder, projectRoot } from '../../redis-server/project.js';
import { npmInstall } from '../npm.js';
import type { Majors } from './majors.js';

const NOT_COPIED = ['node_modules', '.git', '.redis', 'coverage'];

/**
 * The project with other majors of its dependencies, in a folder of its own: npm cannot hold two majors of Nest side by
 * side. What was compiled goes along, as it does for users: they get it as it was made with the newest majors.
 */
export async function copyProject(folder: string, { dependencies }: Majors): Promise<void> {
  await cp(projectRoot, folder, {
    recursive: true,
    filter: (path) => !NOT_COPIED.includes(basename(path)),
  });
  await rm(join(folder, 'package-lock.json'));
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  Object.assign(manifest.devDependencies, dependencies);
  await writeFile(file, JSON.stringify(manifest, undefined, 2));
  await npmInstall(folder);
  // The engines are large and were fetched once already.
  await mkdir(enginesFolder, { recursive: true });
  await mkdir(join(folder, '.redis'));
  await symlink(enginesFolder, join(folder, '.redis', 'engines'));
}
