import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.js';
import type { Say } from '../ways/way.js';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks a package of any suite of Debian, with all that it needs, into a folder; nothing is installed, no root is
 * needed. Apt itself does the work, on a state of its own in which no package is there yet: so it fetches each library
 * down to libc in that suite's version, whatever the archive holds today, and checks each file's SHA-256 against the
 * index and the index against the archive's signature.
 */
export async function unpackDebian(
  { suite, package: name }: { suite: string; package: string },
  scratch: string,
  root: string,
  say: Say,
): Promise<void> {
  const apt = await ownApt(suite, scratch);
  say(`Fetching ${name} of Debian ${suite} with its libraries (once) ...`);
  await run('apt-get', [...apt, 'update']);
  await run('apt-get', [...apt, 'install', '--download-only', '--yes', name]);
  const archives = join(scratch, 'archives');
  const files = (await readdir(archives)).filter((file) => file.endsWith('.deb'));
  await mkdir(root);
  for (const file of files) await run('dpkg-deb', ['-x', join(archives, file), root]);
}

/** Options that leave the machine's own packages, lists and caches alone. */
async function ownApt(suite: string, folder: string): Promise<string[]> {
  const sources = join(folder, 'sources.list');
  const status = join(folder, 'status');
  await mkdir(join(folder, 'archives', 'partial'), { recursive: true });
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
  await writeFile(status, '');
  await writeFile(sources, `deb [signed-by=${keyring}] ${await mirror()} ${suite} main\n`);
  return [
    `Dir::Etc::SourceList=${sources}`,
    'Dir::Etc::SourceParts=-',
    `Dir::State=${folder}`,
    `Dir::State::Status=${status}`,
    `Dir::Cache=${folder}`,
    'APT::Install-Recommends=false',
    // The folder is nobody else's, so the user that apt would change to may not write there.
    'APT::Sandbox::User=',
    // Pictures and texts for software centres.
    ...['DEP-11', 'DEP-11-icons-small', 'DEP-11-icons', 'DEP-11-icons-large'].map(
      (target) => `Acquire::IndexTargets::deb::${target}::DefaultEnabled=false`,
    ),
  ].flatMap((option) => ['-o', option]);
}

/** The mirror that this machine's apt has been given: it is near, and perhaps the only one that can be reached. */
async function mirror(): Promise<string> {
  const mirrors: string[] = [];
  const ofDebian = ['Created-By: Packages', 'Origin: Debian', 'Label: Debian'];
  await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...ofDebian], {
    say: (line) => mirrors.push(line),
  }).catch((error: Error) => {
    throw new Error(`apt-get, which fetches it, is not to be had (${error.message})`);
  });
  if (mirrors[0] !== undefined) return mirrors[0];
  throw new Error('apt knows no mirror of Debian yet: run apt-get update first');
}
