import { pathToFileURL } from 'node:url';
import { launchRedis } from './launch.js';
import type { LaunchOptions, Way } from './launch.js';

/**
 * Fetches what the way that works here needs, and tries it: what follows, in however many processes at once, finds
 * it ready. Start it before a test run, and set REDIS_ENGINE to the way it found: then nobody has to search again.
 */
export async function prepareRedis(
  options: Pick<LaunchOptions, 'say'> = {},
): Promise<{ way: Way; description: string }> {
  const server = await launchRedis(options);
  await server.stop();
  return { way: server.way, description: server.description };
}

const isProgram = import.meta.url === pathToFileURL(process.argv[1] ?? '').href;

if (isProgram) {
  try {
    const { description } = await prepareRedis({ say: (line) => console.log(line) });
    console.log(`Redis is ready: ${description}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
