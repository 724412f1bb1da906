import { join } from 'node:path';
import { command } from '../command.js';
import { installFresh, type Packed } from '../npm.js';
import type { Report } from '../report.js';
import { countDependencies } from './dependencies.js';
import { checkEntryPoints } from './entry-points.js';
import { checkFiles } from './files.js';
import { checkLinks } from './links.js';
import { checkManifest, checkTypes } from './linters.js';
import { checkMaps } from './maps.js';

/** What lies in the package, and what an application gets that asks for it and for nothing else. */
export async function checkContents(
  report: Report,
  packed: Packed,
  scratch: string,
): Promise<void> {
  const bare = join(scratch, 'bare');
  const installed = join(bare, 'node_modules', packed.name);
  await report.check('files', async () => checkFiles(packed));
  await report.check('package.json', () => checkManifest(packed));
  await report.check('entry points, by TypeScript', () => checkTypes(packed));
  const isInstalled = await report.check('npm install, and no more', async () => {
    await installFresh(bare, { dependencies: { [packed.name]: packed.file } });
    return 'npm adds the required peers';
  });
  if (!isInstalled) return;
  await report.check('maps', () => checkMaps(installed, packed.files));
  await report.check('links of the README', () => checkLinks(installed));
  await report.check('dependencies', () => countDependencies(bare, packed.name));
  await report.check('program', () => checkProgram(bare, packed.name));
  await checkEntryPoints(report, bare, packed.name);
}

async function checkProgram(bare: string, name: string): Promise<string> {
  const help = await command(bare, 'npx', ['--no-install', name, '--help']);
  if (!help.includes('doctor [url]')) throw new Error(`--help says: ${help}`);
  return `npx ${name} --help`;
}
