import { describeUnless, notOurs } from '../support/obstacles.js';
import type { Lap } from '../support/stopwatch.js';
import { ANSWERED_WITHIN_MS } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { RECOVERED_WITHIN_MS, recovery } from './support/recovery.js';
import { seed, times } from '../support/scale.js';
import { type FaultBench, useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();

describeUnless(notOurs, 'when Redis is killed under load', () => {
  const bench = useFaultBench({ server: { settings: { appendfsync: 'always' } } });

  it('F01 and stays away, who needs a session gets 503 in time, and everybody else is served', async () => {
    const crowd = bench.site.crowd({ seed });
    const back = await crowd.during(async () => {
      await crowd.untilYes(100);
      await bench.server.crash();
      for (let round = 0; round < times(10, 100); round++) {
        for (const url of bench.site.urls) expect((await fetch(`${url}/public`)).status).toBe(200);
        await crowd.untilRefused(10);
      }
      const lap = await recovery(crowd, () => bench.server.start());
      await crowd.untilYes(100);
      return lap;
    });
    const { ledger } = crowd;
    figure('F01', `slowest of ${ledger.refused} refusals`, ms(ledger.slowestMs), '300 ms');
    figure('F01', 'first yes once Redis is back', ms(back.tookMs), '1000 ms');
    expect(await bench.wrongs(crowd)).toEqual([]);
    expect(ledger.slowestOwnMs).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(back.ownMs).toBeLessThan(RECOVERED_WITHIN_MS);
  }, 60_000);

  it('F03 and restarted, with appendfsync always nothing is lost and nothing comes back', async () => {
    const { wrongs, slowestOwnMs } = await killAndRestart('F03', bench, 'always');
    expect(wrongs).toEqual([]);
    expect(slowestOwnMs).toBeLessThan(RECOVERED_WITHIN_MS);
  }, 120_000);

  it('F08 or frozen, every request is answered in time, and what Redis does later harms nobody', async () => {
    const crowd = bench.site.crowd({ seed });
    const back = await crowd.during(async () => {
      await crowd.untilYes(100);
      await bench.server.freeze();
      await crowd.untilRefused(times(100, 500));
      const lap = await recovery(crowd, () => bench.server.thaw());
      await crowd.untilYes(100);
      return lap;
    });
    const { ledger } = crowd;
    figure('F08', 'slowest answer of a frozen Redis', ms(ledger.slowestMs), '300 ms');
    figure('F08', '99 % of all answers within', ms(ledger.quantileMs(0.99)), '300 ms');
    figure('F08', 'first yes once it thaws', ms(back.tookMs), '500 ms');
    expect(await bench.wrongs(crowd)).toEqual([]);
    expect(ledger.slowestOwnMs).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(back.ownMs).toBeLessThan(RECOVERED_WITHIN_MS);
  }, 60_000);

  it('F04 and restarted, with appendfsync everysec nothing is lost: the system holds what was written', async () => {
    const { wrongs, slowestOwnMs } = await killAndRestart('F04', bench, 'everysec');
    expect(wrongs).toEqual([]);
    expect(slowestOwnMs).toBeLessThan(RECOVERED_WITHIN_MS);
  }, 120_000);
});

async function killAndRestart(
  fault: string,
  bench: FaultBench,
  appendfsync: 'always' | 'everysec',
): Promise<{ readonly wrongs: unknown[]; readonly slowestOwnMs: number }> {
  const rounds = times(1, 4);
  const crowd = bench.site.crowd({ seed });
  const backs: Lap[] = [];
  await crowd.during(async () => {
    for (let round = 0; round < rounds; round++) {
      await bench.admin.config('SET', 'appendfsync', appendfsync);
      await crowd.untilYes(100);
      await bench.server.crash();
      await crowd.untilRefused(20);
      backs.push(await recovery(crowd, () => bench.server.start()));
    }
    await crowd.untilYes(100);
  });
  const wrongs = await bench.wrongs(crowd);
  const { ledger } = crowd;
  const lost = ledger.of('lost').length;
  figure(fault, `writes lost in ${rounds} kills, of ${ledger.yes} answers`, lost, '0');
  figure(fault, `sign-outs undone, of ${ledger.signOuts}`, ledger.of('undone').length, '0');
  const slowestMs = Math.max(...backs.map(({ tookMs }) => tookMs));
  figure(fault, 'first yes after the restart, slowest', ms(slowestMs), '1000 ms');
  return { wrongs, slowestOwnMs: Math.max(...backs.map(({ ownMs }) => ownMs)) };
}
