import { spawnSync } from 'node:child_process';

/** Why something cannot be run here, or nothing. */
export type Obstacle = string | false;

const isThere = (program: string, question: string) => spawnSync(program, [question]).status === 0;
const isContainer = process.env['REDIS_ENGINE'] === 'docker';

/** Whoever breaks a server needs one of their own. */
export const notOurs: Obstacle =
  process.env['REDIS_URL'] !== undefined && 'needs a Redis of its own, and REDIS_URL is set';

/** Servers that must reach each other, or listen on another port. */
export const noServersThatMeet: Obstacle =
  notOurs ||
  (isContainer && 'the containers of REDIS_ENGINE=docker publish no port but that for clients');

export const noTls: Obstacle =
  noServersThatMeet ||
  (!isThere('openssl', 'version') && 'needs openssl on the PATH for a certificate');

/** What is put between a program and the system is made by a compiler, and cannot be put into a container. */
export const noShim: Obstacle =
  notOurs ||
  (process.platform !== 'linux' && 'needs Linux') ||
  (!isThere('gcc', '--version') && 'needs gcc');

export const noShimForRedis: Obstacle =
  noShim || (isContainer && 'needs a Redis that is no container');

export const noFileLimits: Obstacle = !isThere('prlimit', '--version') && 'needs prlimit';

/** Of util-linux: it makes a terminal for a program. */
export const noTerminal: Obstacle =
  !isThere('script', '--version') && 'needs the script of util-linux';

/** A group of tests, or the reason in its place. */
export function describeUnless(obstacle: Obstacle, name: string, body: () => void): void {
  if (obstacle) describe.skip(`${name} (${obstacle})`, body);
  else describe(name, body);
}
