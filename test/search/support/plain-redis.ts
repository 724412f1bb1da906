import { launchRedis, type RedisServer } from '../../../redis-server/launch.js';
import { plain } from '../../../redis-server/ways/plain.js';

const lack: string | undefined = await plain
  .prepare(() => undefined)
  .then(
    () => undefined,
    (error: Error) => error.message,
  );

/** Where no Redis without Search is to be had, its tests are reported as skipped, with the reason. */
export const describeWithPlainRedis: (name: string, run: () => void) => void =
  lack === undefined
    ? describe
    : (name, run) => describe.skip(`${name} (needs a redis-server without modules: ${lack})`, run);

/** A Redis without Search, whichever the other tests run against. */
export async function launchPlainRedis(): Promise<RedisServer> {
  const { REDIS_URL, REDIS_ENGINE } = process.env;
  delete process.env['REDIS_URL'];
  process.env['REDIS_ENGINE'] = plain.name;
  try {
    return await launchRedis({ settings: { appendonly: 'no', save: '' } }, [plain]);
  } finally {
    if (REDIS_URL !== undefined) process.env['REDIS_URL'] = REDIS_URL;
    if (REDIS_ENGINE === undefined) delete process.env['REDIS_ENGINE'];
    else process.env['REDIS_ENGINE'] = REDIS_ENGINE;
  }
}
