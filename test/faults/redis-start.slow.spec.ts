import { describeUnless, notOurs } from '../support/obstacles.js';
import { useCleanup } from '../support/cleanup.js';
import { launchRedis } from '../../redis-server/launch.js';
import { freePort } from '../../redis-server/ports.js';
import { FaultSite } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { RECOVERED_WITHIN_MS, recovery } from './support/recovery.js';
import { seed, times } from '../support/scale.js';
import { patientClient } from './support/use-fault-bench.js';

const figure = useFigures();
const defer = useCleanup();

describeUnless(notOurs, 'when Redis is not ready yet', () => {
  it('F02 the site starts without it, and serves once it is there', async () => {
    const port = await freePort();
    const site = await FaultSite.open({ redis: `redis://127.0.0.1:${port}` });
    defer(() => site.close());
    const crowd = site.crowd({ seed });
    const { back, admin } = await crowd.during(async () => {
      await crowd.untilRefused(100);
      for (const url of site.urls) expect((await fetch(`${url}/public`)).status).toBe(200);
      expect(crowd.ledger.yes).toBe(0);
      const server = await launchRedis({ port });
      defer(() => server.stop());
      const lap = await recovery(crowd, () => undefined);
      const client = patientClient(server.url);
      defer(() => client.disconnect());
      await crowd.untilYes(100);
      return { back: lap, admin: client };
    });
    await crowd.reckon();
    figure('F02', 'first yes once Redis is there', ms(back.tookMs), '1000 ms');
    expect(crowd.ledger.wrongs).toEqual([]);
    expect(await site.faults([admin])).toEqual([]);
    expect(back.ownMs).toBeLessThan(RECOVERED_WITHIN_MS);
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
        await crowd.untilYes(times(100, 1000));
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
