import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { describeUnless, noFileLimits, notOurs } from '../support/obstacles.js';
import { ANSWERED_WITHIN_MS, STORE_TIMEOUT_MS } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { recovery } from './support/recovery.js';
import { seed, times } from '../support/scale.js';
import { useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();

/** What is promised where an attempt to connect is under way that leads nowhere. */
const BACK_WITHIN_MS = 2000;

describeUnless(notOurs, 'when Redis is hard to reach', () => {
  const bench = useFaultBench({ isProxied: true });

  it('F14 for its answers are late, those that come in time count, and few wait for the others', async () => {
    const { proxy } = bench;
    const crowd = bench.site.crowd({ seed, visitors: 24 });
    const refusals = times(100, 600);
    const { ledger } = crowd;
    let tooLate = 0;
    let answeredMs = Infinity;
    await crowd.during(async () => {
      await crowd.untilYes(50);
      proxy.slowDown({ delayMs: 100 });
      await crowd.untilYes(times(20, 100));
      proxy.slowDown({ delayMs: 2000 });
      const before = proxy.sent;
      const since = performance.now();
      await crowd.untilRefused(refusals);
      // Earlier requests may have waited for several answers, each in time.
      answeredMs = ledger.quantileOwnMs(0.99, since);
      tooLate = proxy.sent - before;
      const { tookMs } = await recovery(crowd, () => proxy.behave());
      figure('F14', 'first yes once answers are quick again', ms(tookMs), '500 ms');
      await crowd.untilYes(50);
    });
    figure('F14', '99 % of all answers within', ms(ledger.quantileMs(0.99)), '300 ms');
    figure('F14', `commands that Redis cannot answer, for ${refusals} refusals`, tooLate);
    // The slowest of thousands of answers to 24 visitors says more about the machine.
    expect(answeredMs).toBeLessThan(ANSWERED_WITHIN_MS);
    // It is left alone: most requests are refused without being sent.
    expect(tooLate).toBeLessThan(refusals);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);

  it('F15 for its answers come byte by byte, the time limit holds', async () => {
    const crowd = bench.site.crowd({ seed });
    const back = await crowd.during(async () => {
      await crowd.untilYes(50);
      bench.proxy.slowDown({ msPerByte: 50 });
      await crowd.untilRefused(times(60, 500));
      const lap = await recovery(crowd, () => bench.proxy.behave());
      await crowd.untilYes(50);
      return lap;
    });
    const { ledger } = crowd;
    figure('F15', 'slowest answer', ms(ledger.slowestMs), `${STORE_TIMEOUT_MS + 50} ms`);
    figure('F15', 'first yes afterwards', ms(back.tookMs), '500 ms');
    expect(ledger.slowestOwnMs).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);

  it('F16 for each connection is reset, few are tried', async () => {
    const crowd = bench.site.crowd({ seed });
    let seconds = 0;
    const tried = await crowd.during(async () => {
      await crowd.untilYes(50);
      bench.proxy.refuseConnections();
      const before = bench.proxy.connections;
      const startedAt = performance.now();
      // It is how often they try in a second that counts.
      await wait(times(2000, 4000));
      const connections = bench.proxy.connections - before;
      seconds = (performance.now() - startedAt) / 1000;
      const { tookMs } = await recovery(crowd, () => bench.proxy.behave());
      figure('F16', 'first yes once it may connect', ms(tookMs), '1000 ms');
      await crowd.untilYes(50);
      return connections;
    });
    const perSecond = tried / seconds / bench.site.instances.length;
    figure('F16', 'connections tried in a second by each process', perSecond.toFixed(1), '< 20');
    expect(perSecond).toBeLessThan(20);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);

  it('F16 for each connection is taken and never answered, it is tried again until one is', async () => {
    const crowd = bench.site.crowd({ seed });
    const back = await crowd.during(async () => {
      await crowd.untilYes(50);
      bench.proxy.swallowConnections();
      await crowd.untilRefused(100);
      const before = bench.proxy.connections;
      const tries = times(2, 6) * bench.site.instances.length;
      const isTried = async () => bench.proxy.connections >= before + tries;
      await eventually('it is tried again and again', isTried, 60_000);
      const lap = await recovery(crowd, () => bench.proxy.behave());
      await crowd.untilYes(50);
      return lap;
    });
    figure('F16', 'first yes once connections are answered', ms(back.tookMs), '2000 ms');
    expect(back.ownMs).toBeLessThan(BACK_WITHIN_MS);
    for (const { output } of bench.site.instances) expect(output).toMatch(/\(NOANSWER: /);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 120_000);

  describeUnless(noFileLimits, 'for a process may open no more files', () => {
    it('F16 it says so, and goes on once it may', async () => {
      const crowd = bench.site.crowd({ seed });
      const back = await crowd.during(async () => {
        await crowd.untilYes(50);
        for (const instance of bench.site.instances) instance.limitFiles(10);
        await bench.admin.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
        await crowd.untilRefused(100);
        const lap = await recovery(crowd, () => {
          for (const instance of bench.site.instances) instance.limitFiles(1000);
        });
        await crowd.untilYes(50);
        return lap;
      });
      figure('F16', 'first yes once files may be opened', ms(back.tookMs), '1000 ms');
      expect(await bench.wrongs(crowd)).toEqual([]);
    }, 60_000);
  });
});
