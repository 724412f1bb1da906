import { Logger } from '@nestjs/common';
import type { Session } from 'nestjs-redis-session';
import { PLATFORMS } from './support/app.js';
import { CookieJar } from './support/browser-cookies.js';
import { eventually } from './support/eventually.js';
import { Instance } from './support/instance.js';
import { assertSoundKeyspace } from './support/keyspace-oracle.js';
import { manyTimes } from './support/many-times.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { startRacingSite, useRacingSite } from './support/use-racing-site.js';

// Outages and refused writes are worth a line in a log, and here they happen on purpose.
Logger.overrideLogger(false);

const cookiesOf = (response: Response) => `${response.headers.getSetCookie().length} cookies`;
const summary = (response: Response) => `${response.status}, ${cookiesOf(response)}`;

/** What goes wrong in session systems that are widely used, measured there; here by the same names. */
describe.each(PLATFORMS)('scenarios in which other systems fail, on %s', (platform) => {
  const redis = useRedis();
  // What is raced here is not the clock: a busy machine must not turn a slow answer into a 503.
  const site = useRacingSite(platform, () => ({ redis: redis.url, storeTimeoutMs: 20_000 }));
  const { barriers } = { get barriers() { return site.barriers; } };

  afterEach(async () => {
    await assertSoundKeyspace(redis.client);
    await redis.client.flushdb();
  });
});
