import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from './support/eventually.js';
import { Stopwatch } from './support/stopwatch.js';

/** The stopwatch notices a delay by a timer, which is some milliseconds late itself. */
const NOTICED_WITHIN_MS = 100;

describe('A stopwatch', () => {
  it('counts what takes long by itself', async () => {
    const stopwatch = new Stopwatch();
    let ownMs = 0;
    await eventually('a moment in which the machine is not busy', async () => {
      const lap = stopwatch.start();
      await wait(200);
      ({ ownMs } = lap());
      return ownMs > 150;
    });
    await stopwatch.stop();
    expect(ownMs).toBeGreaterThan(150);
  });

  it('does not count the time in which its process could not run', async () => {
    const stopwatch = new Stopwatch();
    const lap = stopwatch.start();
    const until = performance.now() + 300;
    while (performance.now() < until);
    const { tookMs, ownMs } = lap();
    await stopwatch.stop();
    expect(tookMs).toBeGreaterThanOrEqual(300);
    expect(ownMs).toBeLessThan(NOTICED_WITHIN_MS);
  });

  it('does not count the time in which a control waits longer than usual', async () => {
    let asked = 0;
    let release = () => undefined as void;
    const held = new Promise<void>((resolve) => (release = resolve));
    const stopwatch = new Stopwatch([() => (++asked > 3 ? held : Promise.resolve())]);
    await eventually('the control waits', async () => asked > 3);
    const lap = stopwatch.start();
    await wait(300);
    const { tookMs, ownMs } = lap();
    release();
    await stopwatch.stop();
    expect(tookMs).toBeGreaterThanOrEqual(299);
    expect(ownMs).toBeLessThan(NOTICED_WITHIN_MS);
  });

  it('fails at its end when a control is not answered', async () => {
    const stopwatch = new Stopwatch([() => Promise.reject(new Error('no answer'))]);
    await expect(stopwatch.stop()).rejects.toThrow('no answer');
  });
});
