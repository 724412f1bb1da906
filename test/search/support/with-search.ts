import { launchRedis } from '../../../redis-server/launch.js';

const { hasSearch, description, stop } = await launchRedis();
await stop();

/** Without Search its tests are reported as skipped, with the reason. */
export const describeWithSearch: (name: string, run: () => void) => void = hasSearch
  ? describe
  : (name, run) => describe.skip(`${name} (needs Redis Search, and this is ${description})`, run);
