import { Logger } from '@nestjs/common';
import { StormRandom } from '../support/storm-random.js';
import { FaultDriver } from './fault-driver.js';
import { ALL_FAULTS, type Fault } from './faults.js';
import { startHistorySite, type Store } from './history-site.js';
import { type HistoriesResult, runHistories } from './run-histories.js';

const usual = process.env['FAULTS'] === 'all' ? 10_000 : 1500;
const histories = Number(process.env['HISTORIES'] ?? usual);
// What is broken on purpose ends at its first violation, so it gets as many as it needs.
const historiesOfBroken = Math.max(histories, usual);
const seed = Number(process.env['HISTORIES_SEED'] ?? Math.floor(Math.random() * 1e9));
const timeoutMs = 120_000 + 60 * histories;
const OPERATIONS_BETWEEN_FAULTS = 250;

const obstacle = process.env['REDIS_URL'] && 'needs a Redis that it may kill, and REDIS_URL is set';
const describeHistories = obstacle ? describe.skip : describe;

interface Run {
  readonly store: Store;
  readonly faults: readonly Fault[];
  readonly settings?: Record<string, string>;
  readonly stopsAtViolation?: boolean;
}

async function run({
  store,
  faults,
  settings,
  stopsAtViolation = false,
}: Run): Promise<HistoriesResult> {
  const site = await startHistorySite(store, settings);
  const random = new StormRandom(seed);
  const driver = new FaultDriver(site, faults, OPERATIONS_BETWEEN_FAULTS, random);
  try {
    const { instances } = site;
    const onOperation = () => driver.count();
    const running = runHistories({
      instances,
      histories: stopsAtViolation ? historiesOfBroken : histories,
      seed,
      onOperation,
      stopsAtViolation,
    });
    const [result] = await Promise.all([
      running.finally(() => driver.stop()),
      faults.length > 0 && driver.run(),
    ]);
    say(store, result, driver);
    return result;
  } finally {
    await site.stop();
  }
}

function say(store: Store, result: HistoriesResult, { struck }: FaultDriver): void {
  const faults = [...struck].map(([fault, times]) => `${fault}: ${times}`).join(', ');
  process.stdout.write(
    `HISTORIES=${result.histories} HISTORIES_SEED=${seed} ${store}: ${result.operations} operations, ` +
      `${result.unknown} of them unknown; violations: ${result.violations.length}; ${faults || 'no faults'}\n`,
  );
}

describeHistories(`what is told about one session${obstacle ? ` (${obstacle})` : ''}`, () => {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(['error', 'warn', 'log']));

  it(
    'fits one order of all that was done to it, whatever befalls Redis and the way there',
    async () => {
      const { violations } = await run({ store: 'ours', faults: ALL_FAULTS });
      expect(violations.slice(0, 3).join('\n\n')).toBe('');
    },
    timeoutMs,
  );

  it.each<[string, Run]>([
    ['a store that reads, checks and then writes', { store: 'naive', faults: [] }],
    [
      'a client that sends again what was cut off',
      { store: 'resending', faults: ['an answer is cut off'] },
    ],
    ['a store that keeps what it has read', { store: 'caching', faults: [] }],
    [
      'a Redis that writes nothing to disk',
      {
        store: 'ours',
        faults: ['Redis is killed'],
        settings: { appendonly: 'no', save: '' },
      },
    ],
  ])(
    'does not with %s',
    async (_, broken) => {
      const { violations } = await run({ ...broken, stopsAtViolation: true });
      expect(violations).not.toEqual([]);
    },
    timeoutMs,
  );
});
