import { resolve } from 'node:path';
import { launchRedis } from '../redis-server/launch.js';
import { exitWith, exitWithMessage } from './exit-with.js';
import { projectFolder } from './project-folder.js';
import { readSettings } from './settings.js';
import { createShop, listen } from './shop.js';

/** What `npm start` runs: a Redis that keeps its data in the project, and the shop on top of it. */
async function start(): Promise<void> {
  // The settings are checked first, so that a typing mistake does not cost the launch of a Redis.
  const { dataFolder } = readSettings({ REDIS_URL: 'redis://127.0.0.1', ...process.env });
  const redis = await launchRedis({
    dataFolder: resolve(projectFolder(), dataFolder),
    say: (line) => console.log(line),
  }).catch(exitWithMessage);
  try {
    const settings = readSettings({ ...process.env, REDIS_URL: redis.url });
    const app = await createShop(settings);
    onFirstSignal(async () => {
      await app.close();
      await redis.stop();
    });
    const url = await listen(app, settings);
    console.log(`Sessions are kept in ${redis.description}, at ${new URL(redis.url).host}`);
    if (redis.dataFolder) console.log(`Its data lies in ${redis.dataFolder}`);
    console.log(`Corner Shop (${settings.platform}) listens on ${url}`);
    console.log(
      'Open it in a browser; Ctrl-C stops both, and the next start finds the sessions again.',
    );
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

/** Ctrl-C reaches this process twice under npm, from the terminal and from npm: the second is ignored. */
function onFirstSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const handle = () => {
    if (stopping) return;
    stopping = true;
    console.log('Stopping ...');
    stop().then(() => process.exit(0), exitWith);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}

await start().catch(exitWith);
