import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardServer } from '../../../redis-server/guard.js';
import { freePort } from '../../../redis-server/ports.js';
import { projectFolder } from '../../../src/project-folder.js';
import { eventually } from '../../support/eventually.js';
import type { Obstacle } from '../../support/obstacles.js';

// Debian keeps it where only root looks.
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
const isThere = () => spawnSync('nginx', ['-v'], { env }).status === 0;

/** Where nginx must be there, its tests fail without it. */
export const noNginx: Obstacle =
  process.env['NGINX_REQUIRED'] !== '1' &&
  ((process.platform !== 'linux' && 'needs Linux, where every address 127.x.x.x is this machine') ||
    (!isThere() && 'needs nginx on the PATH'));

/** What the image and Debian have around a file of conf.d, with everything in a folder of the test. */
const AROUND = `
  ${process.getuid?.() === 0 ? 'user root;' : ''}
  daemon off;
  pid nginx.pid;
  error_log stderr warn;
  worker_processes 2;
  events {}
  http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include shop.conf;
  }
`;

export interface Nginx {
  readonly url: string;
  /** What `nginx -t` says of the configuration. */
  check(): string;
  stop(): Promise<void>;
}

/** A real nginx with the configuration of deploy/, in which only addresses are replaced. */
export async function launchNginx(instances: Readonly<Record<string, string>>): Promise<Nginx> {
  const address = `127.0.0.1:${await freePort()}`;
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const shopConf = await readFile(join(projectFolder(), 'deploy/nginx.conf'), 'utf8');
  const swaps = Object.entries(instances).map(
    ([name, url]) => [`server ${name}:3000 `, `server ${new URL(url).host} `] as const,
  );
  await writeFile(
    join(folder, 'shop.conf'),
    [['listen 8080;', `listen ${address};`] as const, ...swaps].reduce(replaceOnce, shopConf),
  );
  await writeFile(join(folder, 'nginx.conf'), AROUND);

  const options = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
  const child = spawn('nginx', options, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  const dismissGuard = guardServer(child.pid!);
  void ended.then(dismissGuard);
  const url = `http://${address}`;
  await eventually('nginx answers', async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended:\n${said}`);
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return {
    url,
    check: () => spawnSync('nginx', ['-t', ...options], { env, encoding: 'utf8' }).stderr,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function replaceOnce(text: string, [what, by]: readonly [string, string]): string {
  if (text.split(what).length !== 2) throw new Error(`Not once in deploy/nginx.conf: ${what}`);
  return text.replace(what, by);
}
