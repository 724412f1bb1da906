import { setTimeout as wait } from 'node:timers/promises';
import { describeUnless, noFileLimits, notOurs } from '../support/obstacles.js';
import { eventually } from '../support/eventually.js';
import { STORE_TIMEOUT_MS } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { recoveryMs } from './support/recovery.js';
import { seed, times } from '../support/scale.js';
import { useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();
const ANSWERED_WITHIN_MS = 1900;

describeUnless(notOurs, 'when Redis is hard to reach', () => {
  const bench = useFaultBench({ isProxied: true });

  it('F14 for its answers are late, those that come in time count, and few wait for the others', async () => {
    const { proxy } = bench;
    const crowd = bench.site.crowd({ seed, visitors: 24 });
    const sent = { late: 0, tooLate: 0 };
    const forMs = times(1500, 10_000);
    await crowd.during(async () => {
      await crowd.untilYes(50);
      proxy.slowDown({ delayMs: 100 });
      const yes = crowd.ledger.yes;
      await wait(forMs);
      expect(crowd.ledger.yes).toBeGreaterThan(yes);
      proxy.slowDown({ delayMs: 2000 });
      const before = proxy.sent;
      await wait(forMs);
      sent.tooLate = proxy.sent - before;
      const backMs = await recoveryMs(crowd, () => proxy.behave());
      figure('F14', 'first yes once answers are quick again', ms(backMs), '500 ms');
      await crowd.untilYes(50);
    });
    const { ledger } = crowd;
    figure('F14', '99 % of all answers within', ms(ledger.quantileMs(0.99)), '300 ms');
    figure(
      'F14',
      'commands sent in a second that Redis cannot answer',
      Math.round((1000 * sent.tooLate) / forMs),
    );
    expect(ledger.quantileMs(0.99)).toBeLessThan(ANSWERED_WITHIN_MS);
    // It is left alone: a crowd that is refused at once asks hundreds of times in a second.
    expect(sent.tooLate).toBeLessThan(ledger.refused);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);

  it('F15 for its answers come byte by byte, the time limit holds', async () => {
    const crowd = bench.site.crowd({ seed });
    const backMs = await crowd.during(async () => {
      await crowd.untilYes(50);
      bench.proxy.slowDown({ msPerByte: 50 });
      await wait(times(1500, 10_000));
      const time = await recoveryMs(crowd, () => bench.proxy.behave());
      await crowd.untilYes(50);
      return time;
    });
    const { ledger } = crowd;
    figure('F15', 'slowest answer', ms(ledger.slowestMs), `${STORE_TIMEOUT_MS + 50} ms`);
    figure('F15', 'first yes afterwards', ms(backMs), '500 ms');
    expect(ledger.refused).toBeGreaterThan(0);
    expect(ledger.slowestMs).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);

  it('F16 for each connection is reset, few are tried', async () => {
    const crowd = bench.site.crowd({ seed });
    const forMs = times(2000, 10_000);
    const tried = await crowd.during(async () => {
      await crowd.untilYes(50);
      bench.proxy.refuseConnections();
      const before = bench.proxy.connections;
      await wait(forMs);
      const connections = bench.proxy.connections - before;
      const backMs = await recoveryMs(crowd, () => bench.proxy.behave());
      figure('F16', 'first yes once it may connect', ms(backMs), '1000 ms');
      await crowd.untilYes(50);
      return connections;
    });
    const perSecond = (1000 * tried) / forMs / bench.site.instances.length;
    figure('F16', 'connections tried in a second by each process', perSecond.toFixed(1), '< 20');
    expect(perSecond).toBeLessThan(20);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);
});

describeUnless(notOurs || noFileLimits, 'when a process may open no more files', () => {
  const bench = useFaultBench();

  it('F16 it cannot connect to Redis again, says so, and goes on once it may', async () => {
    const crowd = bench.site.crowd({ seed });
    const backMs = await crowd.during(async () => {
      await crowd.untilYes(50);
      for (const instance of bench.site.instances) instance.limitFiles(10);
      await bench.admin.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
      await eventually('it is noticed', async () => crowd.ledger.refused > 100);
      const time = await recoveryMs(crowd, () => {
        for (const instance of bench.site.instances) instance.limitFiles(1000);
      });
      await crowd.untilYes(50);
      return time;
    });
    figure('F16', 'first yes once files may be opened', ms(backMs), '1000 ms');
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);
});
