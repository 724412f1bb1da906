import { setTimeout as wait } from 'node:timers/promises';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { eventually } from '../support/eventually.js';
import { Crowd } from './support/crowd.js';
import { ms, useFigures } from './support/figures.js';
import { seed, times } from '../support/scale.js';
import { KEYS, SignedIn } from './support/signed-in.js';
import { SiteProcess } from './support/site-process.js';
import { useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();
const EXIT_WITHIN_MS = 10_000;

const begun = (instance: SiteProcess, note: string) =>
  eventually('the request has begun', async () => instance.output.includes(`begun: ${note}\n`));

describeUnless(notOurs, 'when a process of the application', () => {
  const bench = useFaultBench({ instances: 2 });
  beforeEach(() => bench.admin.flushall());

  it('F09 is frozen, what it still had in hand brings no session back that ended meanwhile', async () => {
    const [frozen, other] = [bench.site.instances[0]!, bench.site.instances[1]!];
    const alice = await SignedIn.at(frozen.url, 'alice');
    const crowd = bench.site.crowd({ seed });
    const response = await crowd.during(async () => {
      await crowd.untilYes(50);
      const late = alice.post('slow-note', { note: 'late', ms: 1000 });
      await begun(frozen, 'late');
      frozen.signal('SIGSTOP');
      const elsewhere = new SignedIn(other.url);
      for (const [name, value] of alice.jar.cookies) elsewhere.jar.cookies.set(name, value);
      expect((await elsewhere.post('sign-out')).status).toBe(200);
      // Longer than the request takes.
      await wait(times(1500, 5000));
      frozen.signal('SIGCONT');
      await crowd.untilYes(50);
      return late;
    });
    // A connection that was silent for so long may be given up first: then it is not known, and not saved either.
    const { code } = (await response.json()) as { code: string };
    expect(['SESSION_GONE', 'SESSION_STORE']).toContain(code);
    expect(await alice.status('me')).toBe(401);
    expect(await bench.admin.exists(KEYS.session(alice.id))).toBe(0);
    figure('F09', 'slowest answer of a frozen process', ms(crowd.ledger.slowestMs));
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);

  it.each(['express', 'fastify'] as const)(
    'F38 is told to end, on %s, what it has in hand is saved, and nothing new is begun',
    async (platform) => {
      const session = { touchIntervalSeconds: 0 };
      const settings = { platform, redis: bench.server.url, session };
      const ending = await SiteProcess.start(settings);
      const alice = await SignedIn.at(ending.url, 'alice');
      const urls = [ending.url, bench.site.urls[0]!];
      const crowd = new Crowd(urls, { seed });
      const lap = await crowd.during(async () => {
        await crowd.untilYes(50);
        const inHand = alice.post('slow-note', { note: 'in hand', ms: 300 });
        await begun(ending, 'in hand');
        const end = crowd.ledger.stopwatch!.start();
        ending.signal('SIGTERM');
        expect((await inHand).status).toBe(200);
        expect(await ending.ended).toEqual({ code: 0, signal: null });
        const ended = end();
        await expect(fetch(`${ending.url}/public`)).rejects.toThrow('fetch failed');
        urls[0] = bench.site.urls[1]!;
        await crowd.untilYes(50);
        return ended;
      });
      figure('F38', `${platform}: ended after`, ms(lap.tookMs), '10000 ms');
      expect(await bench.admin.hget(KEYS.session(alice.id), 'note')).toBe('"in hand"');
      expect(await bench.wrongs(crowd)).toEqual([]);
      expect(lap.ownMs).toBeLessThan(EXIT_WITHIN_MS);
    },
    30_000,
  );
});
