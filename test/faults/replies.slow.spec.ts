import { describeUnless, notOurs } from '../support/obstacles.js';
import { eventually } from '../support/eventually.js';
import type { FaultProxy } from '../support/fault-proxy.js';
import type { Lap } from '../support/stopwatch.js';
import { ms, useFigures } from './support/figures.js';
import { quantile } from './support/quantile.js';
import { seed, times } from '../support/scale.js';
import { useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();

const FAULTS: { readonly kind: string; tamper(proxy: FaultProxy): void }[] = [
  { kind: 'repeated', tamper: (proxy) => proxy.repeatNextAnswer() },
  { kind: 'lost', tamper: (proxy) => proxy.dropNextAnswer() },
  { kind: 'invented', tamper: (proxy) => proxy.injectBeforeNextAnswer('*0\r\n') },
  { kind: 'invented', tamper: (proxy) => proxy.injectBeforeNextAnswer('$2\r\nOK\r\n') },
];
/** Where an answer is missing it takes a question of 100 ms to be sure of it. */
const REPLACED_WITHIN_MS = 500;

describeUnless(notOurs, 'when answers of Redis get to the wrong request', () => {
  const bench = useFaultBench({ isProxied: true });

  /** A connection that is being made is not in use yet: what happens to it harms nobody. */
  const allConnected = () =>
    eventually('each instance has asked Redis', async () => {
      // Shaped like a token, so that Redis is asked whose it is.
      const headers = { cookie: `id=${'A'.repeat(43)}` };
      const asked = bench.site.urls.map((url) => fetch(`${url}/me`, { headers }));
      return (await Promise.all(asked)).every(({ status }) => status === 401);
    });

  it('F13 nobody ever sees what is not theirs, and the connection is replaced', async () => {
    const rounds = times(24, 200);
    const { proxy } = bench;
    const crowd = bench.site.crowd({ seed, visitors: 16 });
    const laps = new Map<string, Lap[]>();
    await crowd.during(async () => {
      for (let round = 0; round < rounds; round++) {
        await allConnected();
        const { kind, tamper } = FAULTS[round % FAULTS.length]!;
        tamper(proxy);
        while (proxy.isArmed) await new Promise(setImmediate);
        const end = crowd.ledger.stopwatch!.start();
        await proxy.faultyClosed;
        laps.set(kind, [...(laps.get(kind) ?? []), end()]);
      }
      await crowd.untilYes(100);
    });
    const wrongs = await bench.wrongs(crowd);
    const { ledger } = crowd;
    const foreign = ledger.of('foreign').length;
    figure('F13', `foreign values in ${rounds} faults, ${ledger.yes} answers`, foreign, '0');
    for (const [kind, lapsOfKind] of laps) {
      const took = lapsOfKind.map((lap) => lap.tookMs);
      const own = lapsOfKind.map(({ ownMs }) => ownMs);
      const [median, most] = [quantile(took, 0.5), quantile(took, 0.99)];
      figure(
        'F13',
        `${kind}: given up after, median and 99 %`,
        `${ms(median)}, ${ms(most)}`,
        '100 ms',
      );
      expect(quantile(own, 0.5)).toBeLessThan(REPLACED_WITHIN_MS);
    }
    expect(wrongs).toEqual([]);
  }, 1_200_000);
});
