import { onPath } from '../on-path.js';
import { runProgram } from '../process.js';
import { run } from '../run.js';
import type { Say, WayToRedis } from './way.js';

/** Any `redis-server`, without Search: everything works but SessionSearch. */
export const plain: WayToRedis = {
  name: 'plain',
  async prepare(say) {
    const binary = (await onPath('redis-server')) ?? (await installWithApt(say));
    return {
      label: `plain: ${binary}`,
      launch: (lodging) => runProgram({ binary }, lodging),
    };
  },
};

async function installWithApt(say: Say): Promise<string> {
  const aptGet = await onPath('apt-get');
  if (aptGet === undefined || process.getuid?.() !== 0) {
    throw new Error(
      'no redis-server on the PATH (and installing one takes apt-get and root): install it with your package manager',
    );
  }
  say('Installing redis-server with apt-get ...');
  const options = { say, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await run(aptGet, ['update'], options);
  await run(aptGet, ['install', '-y', '--no-install-recommends', 'redis-server'], options);
  const binary = await onPath('redis-server');
  if (binary === undefined) throw new Error('apt-get left no redis-server on the PATH');
  return binary;
}
