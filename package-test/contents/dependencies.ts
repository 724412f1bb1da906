import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** All packages that come with this one, theirs included; peers do not count, the application has them anyway. */
export async function countDependencies(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { peer?: boolean }> };
  const others = Object.entries(packages).filter(([path]) => path !== `node_modules/${name}`);
  const own = others
    .filter(([, { peer }]) => !peer)
    .map(([path]) => path.replace(/.*node_modules\//, ''));
  return `${own.length} (${own.join(', ')}), and ${others.length - own.length} of peers`;
}
