import { setTimeout as wait } from 'node:timers/promises';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { SeededRandom } from '../random/seeded-random.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import { ms, useFigures } from './support/figures.js';
import { notInShort, seed, times } from '../support/scale.js';
import { type FaultBench, useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();
const minutes = times(0, 1);
const REPORT_EVERY_MS = 60_000;
/** What the promise says of memory is 5 %; a heap of 20 MB moves by a little more than that by itself. */
const HEAP_SHARE = 0.15;

/** Each begins and ends one fault. */
const FAULTS: Record<string, (bench: FaultBench, random: SeededRandom) => Promise<unknown>> = {
  'kill Redis': async ({ server }, random) => {
    await server.crash();
    await wait(random.below(500));
    await server.start();
  },
  'freeze Redis': async ({ server }, random) => {
    await server.freeze();
    await wait(random.below(2000));
    await server.thaw();
  },
  'cut after a command': ({ proxy }) => once(proxy, () => proxy.cutNextAnswer()),
  'cut before a command': ({ proxy }) => once(proxy, () => proxy.cutNextCommand()),
  'half an answer': ({ proxy }, random) =>
    once(proxy, () => proxy.truncateNextAnswer(random.below(60))),
  'late answers': ({ proxy }, random) => slowed(proxy, { delayMs: random.below(400) }, random),
  'answers byte by byte': ({ proxy }, random) => slowed(proxy, { msPerByte: 20 }, random),
  'refused connections': async ({ proxy }, random) => {
    proxy.refuseConnections();
    await wait(random.below(1000));
    proxy.behave();
  },
  'freeze an instance': async ({ site }, random) => {
    const instance = random.oneOf(site.instances);
    instance.signal('SIGSTOP');
    await wait(random.below(2000));
    instance.signal('SIGCONT');
  },
  'full memory': async ({ admin }, random) => {
    await admin.config('SET', 'maxmemory', '1');
    await wait(random.below(1000));
    await admin.config('SET', 'maxmemory', '0');
  },
  'flush the scripts': ({ admin }) => admin.script('FLUSH'),
};

describeUnless(notOurs || notInShort(), 'when one thing after the other goes wrong', () => {
  const bench = useFaultBench({ isProxied: true, server: { settings: { appendfsync: 'always' } } });

  it(
    'F40 for minutes, nothing is lost, nobody is let in, and nothing is left over',
    async () => {
      const random = new SeededRandom(seed);
      const warmUp = bench.site.crowd({ seed, name: 'warm' });
      await warmUp.during(() => warmUp.untilYes(3000));
      const heaps = async () =>
        (await Promise.all(bench.site.instances.map((each) => each.vitals()))).map(
          (v) => v.heapBytes,
        );
      const before = await heaps();
      await bench.site.loopDelayP99Ms();

      const crowd = bench.site.crowd({ seed });
      let faults = 0;
      await crowd.during(async () => {
        const end = performance.now() + minutes * 60_000;
        let reportAt = performance.now() + REPORT_EVERY_MS;
        while (performance.now() < end) {
          const name = random.oneOf(Object.keys(FAULTS));
          await FAULTS[name]!(bench, random);
          await crowd.untilYes(20 + random.below(100));
          faults++;
          if (performance.now() < reportAt) continue;
          reportAt += REPORT_EVERY_MS;
          const { yes, wrongs } = crowd.ledger;
          process.stdout.write(`F40: ${faults} faults, ${yes} answers, ${wrongs.length} wrong\n`);
        }
      });
      figure(
        'F40',
        'event loop of an instance, 99 %',
        ms(await bench.site.loopDelayP99Ms()),
        '50 ms',
      );
      const wrongs = await bench.wrongs(crowd);
      const after = await heaps();
      const grown = Math.max(...after.map((bytes, i) => bytes / before[i]! - 1));
      figure(
        'F40',
        `wrong after ${faults} faults in ${minutes} min, of ${crowd.ledger.yes} answers`,
        crowd.ledger.wrongs.length,
        '0',
      );
      figure('F40', 'memory of an instance has grown by', `${(100 * grown).toFixed(1)} %`, '5 %');
      expect(wrongs).toEqual([]);
      expect(grown).toBeLessThan(HEAP_SHARE);
    },
    minutes * 60_000 + 300_000,
  );
});

async function once(proxy: FaultProxy, arm: () => void): Promise<void> {
  arm();
  while (proxy.isArmed) await wait(1);
}

async function slowed(
  proxy: FaultProxy,
  pace: Parameters<FaultProxy['slowDown']>[0],
  random: SeededRandom,
): Promise<void> {
  proxy.slowDown(pace);
  await wait(random.below(1500));
  proxy.behave();
}
