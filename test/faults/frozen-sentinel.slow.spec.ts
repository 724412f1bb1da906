import { seed } from '../support/scale.js';
import { useCleanup } from '../support/cleanup.js';
import { describeUnless, noServersThatMeet } from '../support/obstacles.js';
import { startSentinelSite } from '../support/sentinel-site.js';
import { useStopwatch } from '../support/stopwatch.js';
import { ms, useFigures } from './support/figures.js';
import { patientClient } from './support/use-fault-bench.js';
import { NEVER, useSiteOn } from './support/use-site-on.js';

/** What is promised, in addition to what the failover takes. */
const BACK_WITHIN_MS = 2000;

const figure = useFigures();
const defer = useCleanup();
const stopwatch = useStopwatch();

describeUnless(noServersThatMeet, 'when the Sentinel that is asked first is frozen', () => {
  const bench = useSiteOn(startSentinelSite, ({ redis }) => redis);

  it('F17 and the primary is killed, another Sentinel is asked where the new one is', async () => {
    const { servers } = bench;
    const [first] = servers.sentinels;
    await servers.untilReplicated();
    const before = await servers.primary();
    let [namedAt, delayMs] = [0, 0];
    const [crowd, probes] = await bench.during(seed, async (_, working) => {
      await working.untilWell();
      await first!.freeze();
      defer(() => first!.thaw());
      await before.crash();
      await servers.untilAnotherThan(before);
      namedAt = performance.now();
      const lap = stopwatch.start();
      await working.untilWell();
      ({ delayMs } = lap());
    });
    const foundMs = Math.max(0, probes.lastRefusalAt - namedAt);
    figure('F17', 'last refusal after another Sentinel names a primary', ms(foundMs), '2000 ms');
    expect(foundMs - delayMs).toBeLessThan(BACK_WITHIN_MS);
    for (const { output } of bench.site.instances) {
      expect(output.match(/The Sentinel at \S+ does not say where Redis is/g)).toHaveLength(1);
    }
    await before.start();
    await first!.thaw();
    const client = patientClient((await servers.primary()).url);
    defer(() => client.disconnect());
    expect(await bench.wrongs([crowd], [client], NEVER)).toEqual([]);
  }, 90_000);
});
