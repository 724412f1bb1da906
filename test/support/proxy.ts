import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardServer } from '../../redis-server/guard.js';
import { eventually } from './eventually.js';
import type { Obstacle } from './obstacles.js';

/** A proxy that is installed here, and how it is started. */
export interface ProxyProgram {
  readonly program: string;
  /** Prints its version. */
  readonly version: string;
  /** What stands around a configuration, by the names of files in the folder of the proxy. */
  readonly files: (configuration: string) => Readonly<Record<string, string>>;
  readonly run: (folder: string) => readonly string[];
  /** Looks at the configuration, and starts nothing. */
  readonly check: (folder: string) => readonly string[];
}

export interface Proxy {
  readonly url: string;
  /** What the program says of its configuration. */
  check(): { readonly status: number | null; readonly said: string };
  stop(): Promise<void>;
}

// Debian keeps nginx where only root looks.
const PATH = `${process.env['PATH']}:/usr/sbin`;

export function isInstalled({ program, version }: ProxyProgram): boolean {
  return spawnSync(program, [version], { env: { ...process.env, PATH } }).status === 0;
}

/** Where it must be there, its tests fail without it: `NGINX_REQUIRED=1`. */
export function noProxy(proxy: ProxyProgram): Obstacle {
  const isRequired = process.env[`${proxy.program.toUpperCase()}_REQUIRED`] === '1';
  return !isRequired && !isInstalled(proxy) && `needs ${proxy.program} on the PATH`;
}

/** @param address where the configuration has it listen. */
export async function launchProxy(
  { program, files, run, check }: ProxyProgram,
  configuration: string,
  address: string,
): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), `${program}-`));
  for (const [name, text] of Object.entries(files(configuration))) {
    await writeFile(join(folder, name), text);
  }
  const env = {
    ...process.env,
    PATH,
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
  const child = spawn(program, run(folder), { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close');
  const dismissGuard = guardServer(child.pid!);
  void ended.then(dismissGuard);
  const url = `http://${address}`;
  await eventually(`${program} answers`, async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended:\n${said}`);
    return fetch(url).then(
      () => true,
      () => false,
    );
  });
  return {
    url,
    check: () => {
      const { status, stdout, stderr } = spawnSync(program, check(folder), {
        env,
        encoding: 'utf8',
      });
      return { status, said: stdout + stderr };
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
