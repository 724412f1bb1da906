import { setTimeout as wait } from 'node:timers/promises';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { launchRedis } from '../../redis-server/launch.js';
import { freePort } from '../../redis-server/ports.js';
import { FaultSite } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { recoveryMs } from './support/recovery.js';
import { seed, times } from '../support/scale.js';
import { patientClient } from './support/use-fault-bench.js';

const figure = useFigures();

/** What is promised is 1 s; a busy machine may take longer. */
const BACK_WITHIN_MS = 5000;

describeUnless(notOurs, 'when Redis is not ready yet', () => {
  it('F02 the site starts without it, and serves once it is there', async () => {
    const port = await freePort();
    const site = await FaultSite.open({ redis: `redis://127.0.0.1:${port}` });
    try {
      const crowd = site.crowd({ seed });
      crowd.start();
      await wait(500);
      for (const url of site.urls) expect((await fetch(`${url}/public`)).status).toBe(200);
      expect(crowd.ledger.yes).toBe(0);
      const server = await launchRedis({ port });
      const admin = patientClient(server.url);
      const backMs = await recoveryMs(crowd, () => undefined);
      await crowd.untilYes(100);
      await crowd.stop();
      await crowd.reckon();
      figure('F02', 'first yes once Redis is there', ms(backMs), '1000 ms');
      expect(crowd.ledger.wrongs).toEqual([]);
      expect(await site.faults([admin])).toEqual([]);
      expect(backMs).toBeLessThan(BACK_WITHIN_MS);
      admin.disconnect();
      await server.stop();
    } finally {
      await site.close();
    }
  }, 60_000);

  it('F26 but reads its file, nobody is taken for a stranger', async () => {
    // So slow that it is seen: a little for each command of the file, in microseconds.
    const settings = { 'key-load-delay': '500', 'loading-process-events-interval-bytes': '1024' };
    const server = await launchRedis({ settings: { ...settings, appendfsync: 'always' } });
    const site = await FaultSite.open({ redis: server.url });
    const admin = patientClient(server.url);
    try {
      const crowd = site.crowd({ seed });
      const loadMs = await crowd.during(async () => {
        await crowd.untilYes(times(300, 3000));
        await server.crash();
        const startedAt = performance.now();
        await server.start();
        const tookMs = performance.now() - startedAt;
        await crowd.untilYes(100);
        return tookMs;
      });
      await crowd.reckon();
      figure('F26', `refusals while it read its file for ${ms(loadMs)}`, crowd.ledger.refused);
      expect(crowd.ledger.wrongs).toEqual([]);
      expect(crowd.ledger.refused).toBeGreaterThan(0);
      expect(await site.faults([admin])).toEqual([]);
    } finally {
      admin.disconnect();
      await site.close();
      await server.stop();
    }
  }, 60_000);
});
