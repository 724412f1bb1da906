import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whoever reads the README of the package has the package, and not the project around it. */
export async function checkLinks(installed: string): Promise<string> {
  const prose = (await readFile(join(installed, 'README.md'), 'utf8')).replace(
    /```[\s\S]*?```/g,
    '',
  );
  const links = [...prose.matchAll(/\]\(([^)\s#]+)/g)].map(([, target]) => target!);
  const dead = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(installed, link)));
  if (dead.length > 0)
    throw new Error(`its README links to ${dead.join(', ')}: not in the package`);
  return `${links.length} links, none dead`;
}
