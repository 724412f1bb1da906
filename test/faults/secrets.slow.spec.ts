import { describeUnless, notOurs } from '../support/obstacles.js';
import { seed, times } from '../support/scale.js';
import { useFigures } from './support/figures.js';
import { tokensIn, writtenIn } from './support/token-search.js';
import { useFaultBench } from './support/use-fault-bench.js';
import { startMonitor } from '../support/monitor.js';
import { useCleanup } from '../support/cleanup.js';

const figure = useFigures();
const defer = useCleanup();

describeUnless(notOurs, 'the token of a session', () => {
  const bench = useFaultBench({
    server: {
      settings: {
        appendfsync: 'always',
        'slowlog-log-slower-than': '0',
        'slowlog-max-len': '1000000',
      },
    },
  });

  /** All that Redis is told, remembers of it, and writes. */
  const traces = async (told: readonly string[]) => {
    await bench.admin.save();
    const slow = JSON.stringify(await bench.admin.slowlog('GET', -1));
    const { dataFolder } = bench.server;
    return {
      MONITOR: told.join('\n'),
      SLOWLOG: slow,
      files: dataFolder === undefined ? '' : await writtenIn(dataFolder),
      output: bench.site.instances.map(({ output }) => output).join('\n'),
    };
  };

  it('is nowhere but in its cookie: not in what Redis is told, logs and writes, nor in what the site prints', async () => {
    const watcher = await startMonitor(bench.admin);
    defer(() => watcher.disconnect());
    const told: string[] = [];
    watcher.on('monitor', (_at: string, args: string[]) => told.push(args.join(' ')));
    const crowd = bench.site.crowd({ seed });
    await crowd.during(() => crowd.untilYes(times(300, 1500)));
    const { tokens } = crowd.ledger;
    const places = await traces(told);
    expect(tokens.size).toBeGreaterThan(20);
    for (const [place, text] of Object.entries(places)) {
      expect({ place, found: tokensIn(text, tokens) }).toEqual({ place, found: [] });
    }
    const bytes = Object.values(places).reduce((sum, { length }) => sum + length, 0);
    figure('A09', `places that held one of ${tokens.size} tokens, in ${bytes} bytes`, 0, '0');

    // Whoever finds nothing must be shown to find what is there.
    const [planted = ''] = tokens;
    await bench.admin.set('planted', `"${planted}"`, 'EX', 60);
    const { MONITOR, SLOWLOG, files } = await traces(told);
    expect([MONITOR, SLOWLOG].map((text) => tokensIn(text, tokens).length > 0)).toEqual([
      true,
      true,
    ]);
    expect(files === '' || tokensIn(files, tokens).length > 0).toBe(true);
    await bench.admin.del('planted');
    expect(await bench.site.faults([bench.admin])).toEqual([]);
  }, 60_000);
});
