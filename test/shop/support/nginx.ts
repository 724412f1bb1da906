import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../redis-server/ports.js';
import { projectFolder } from '../../../src/project-folder.js';
import type { Obstacle } from '../../support/obstacles.js';
import { NGINX } from '../../support/proxies.js';
import { launchProxy, noProxy, type Proxy } from '../../support/proxy.js';

/** Where nginx must be there, its tests fail without it. */
export const noNginx: Obstacle =
  process.env['NGINX_REQUIRED'] !== '1' &&
  ((process.platform !== 'linux' && 'needs Linux, where every address 127.x.x.x is this machine') ||
    noProxy(NGINX));

/** A real nginx with the configuration of deploy/, in which only addresses are replaced. */
export async function launchNginx(instances: Readonly<Record<string, string>>): Promise<Proxy> {
  const address = `127.0.0.1:${await freePort()}`;
  const shopConf = await readFile(join(projectFolder(), 'deploy/nginx.conf'), 'utf8');
  const swaps = Object.entries(instances).map(
    ([name, url]) => [`server ${name}:3000 `, `server ${new URL(url).host} `] as const,
  );
  const listen = ['listen 8080;', `listen ${address};`] as const;
  return launchProxy(NGINX, [listen, ...swaps].reduce(replaceOnce, shopConf), address);
}

function replaceOnce(text: string, [what, by]: readonly [string, string]): string {
  if (text.split(what).length !== 2) throw new Error(`Not once in deploy/nginx.conf: ${what}`);
  return text.replace(what, by);
}
