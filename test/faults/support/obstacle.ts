import { spawnSync } from 'node:child_process';
import { isWhole } from './scale.js';

/** Why something cannot be run here, or nothing. */
export type Obstacle = string | false | undefined;

/** Whoever breaks a server needs one of their own. */
export const notOurs: Obstacle =
  process.env['REDIS_URL'] !== undefined && 'needs a Redis of its own, and REDIS_URL is set';

export const notWhole: Obstacle = !isWhole && 'takes minutes: FAULTS=all';

/** What is put between a program and the system is made by a compiler, and cannot be put into a container. */
export const noShim: Obstacle =
  notOurs ||
  (process.platform !== 'linux' && 'needs Linux') ||
  (spawnSync('gcc', ['--version']).status !== 0 && 'needs gcc');

export const noShimForRedis: Obstacle =
  noShim || (process.env['REDIS_ENGINE'] === 'docker' && 'needs a Redis that is no container');

export const noFileLimits: Obstacle =
  spawnSync('prlimit', ['--version']).status !== 0 && 'needs prlimit';

/** A group of scenarios, or the reason in its place. */
export function describeUnless(obstacle: Obstacle, name: string, body: () => void): void {
  if (obstacle) describe.skip(`${name} (${obstacle})`, body);
  else describe(name, body);
}
