import { Logger } from '@nestjs/common';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { notInShort, seed, times, withSeed } from '../support/scale.js';
import { BROKEN_GUARDS } from './broken-guards.js';
import { FaultDriver } from './histories/fault-driver.js';
import { ALL_FAULTS, type Fault } from './histories/faults.js';
import { startHistorySite, type Wrongs } from './histories/history-site.js';
import { runHistories } from './histories/run-histories.js';
import { SeededRandom } from './seeded-random.js';

const HISTORIES = times(150, 2000);
/** Something that is wrong on purpose shows within so many. */
const HISTORIES_OF_BROKEN = 3000;
const OPERATIONS_BETWEEN_FAULTS = 250;
const TIMEOUT_MS = 120_000 + 60 * HISTORIES;
const MOST_SHOWN = 3;

async function violationsOf(faults: readonly Fault[], wrongs?: Wrongs): Promise<string[]> {
  const site = await startHistorySite(wrongs ?? {});
  const driver = new FaultDriver(site, faults, OPERATIONS_BETWEEN_FAULTS, new SeededRandom(seed));
  try {
    const running = runHistories({
      instances: site.instances,
      histories: wrongs ? HISTORIES_OF_BROKEN : HISTORIES,
      onOperation: () => driver.count(),
      stopsAtViolation: wrongs !== undefined,
    });
    const [{ histories, operations, unknown, violations }] = await Promise.all([
      running.finally(() => driver.stop()),
      faults.length > 0 && driver.run(),
    ]);
    const struck = [...driver.struck].map(([fault, count]) => `${fault}: ${count}`).join(', ');
    process.stdout.write(
      `${histories} histories, ${operations} operations, ${unknown} with unknown outcome, ` +
        `${violations.length} violations; ${struck || 'no faults'}\n`,
    );
    return violations;
  } finally {
    await site.stop();
  }
}

/** Outages are logged, and here they happen on purpose. */
function withoutLogs(): void {
  beforeAll(() => Logger.overrideLogger(false));
  afterAll(() => Logger.overrideLogger(['error', 'warn', 'log']));
}

describeUnless(notOurs, 'the operations on one session, under faults', () => {
  withoutLogs();

  it(
    'are answered as if they had happened one after the other, and each at most once',
    async () => {
      const violations = await violationsOf(ALL_FAULTS);
      expect(withSeed(violations.slice(0, MOST_SHOWN)).join('\n\n')).toBe('');
    },
    TIMEOUT_MS,
  );
});

describeUnless(notOurs || notInShort(), 'the oracle of histories', () => {
  withoutLogs();

  it.each<[string, readonly Fault[], Wrongs]>([
    [BROKEN_GUARDS.commitOfGone.what, [], { brokenGuard: BROKEN_GUARDS.commitOfGone }],
    [BROKEN_GUARDS.commitOfChanged.what, [], { brokenGuard: BROKEN_GUARDS.commitOfChanged }],
    ['a client sends again what was cut off', ['an answer is cut off'], { resends: true }],
    ['a repository caches what it has read', [], { caches: true }],
    [
      'Redis writes nothing to disk and is killed',
      ['Redis is killed'],
      { settings: { appendonly: 'no', save: '' } },
    ],
  ])(
    'finds a violation when %s',
    async (_, faults, wrongs) => {
      expect(await violationsOf(faults, wrongs)).not.toEqual([]);
    },
    TIMEOUT_MS,
  );
});
