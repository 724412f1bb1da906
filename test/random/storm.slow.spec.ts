import { Logger } from '@nestjs/common';
import { startCluster } from '../support/cluster-servers.js';
import { describeUnless, noServersThatMeet, notOurs } from '../support/obstacles.js';
import { notInShort, times, withSeed } from '../support/scale.js';
import { type Servers, startSingle } from '../support/servers.js';
import { BROKEN_GUARDS, type BrokenGuard } from './broken-guards.js';
import { runStorm } from './storm/run-storm.js';

const TURNS = times(256, 1500);
/** A guard that is missing shows within so many turns. */
const TURNS_WITHOUT_GUARD = 192;
const ORACLE_TIMEOUT_MS = 120_000;
const TIMEOUT_MS = 60_000 + 30 * TURNS;

const TOPOLOGIES = [
  { name: 'one Redis', start: startSingle, obstacle: notOurs },
  {
    name: 'a Cluster of three primaries',
    start: () => startCluster(),
    obstacle: noServersThatMeet,
  },
];

for (const { name, start, obstacle } of TOPOLOGIES) {
  describeUnless(obstacle, `many visitors of ${name}, after a storm of requests`, () => {
    let servers: Servers;
    beforeAll(async () => {
      servers = await start();
    });
    afterAll(() => servers?.stop());

    it(
      'leave whole sessions, no revoked one, none above a limit, and each with its document',
      async () => {
        const { requests, seconds, faults } = await runStorm(servers, TURNS);
        const documents = servers.hasSearch ? 'with documents' : 'without documents';
        const pace = `${requests} requests in ${seconds.toFixed(1)} s`;
        process.stdout.write(`Storm on ${name}: ${pace}, ${documents}, ${faults.length} faults\n`);
        expect(withSeed(faults)).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });
}

describeUnless(notOurs || notInShort(), 'the oracle of the storm', () => {
  // What a commit writes to a session that is gone is removed when its document is written. The histories notice both.
  const { commitOfChanged: _, commitOfGone: __, documentUnwritten, ...guards } = BROKEN_GUARDS;
  let servers: Servers;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    servers = await startSingle();
  });
  afterAll(async () => {
    Logger.overrideLogger(['error', 'warn', 'log']);
    await servers?.stop();
  });

  /** What the oracle found. The library itself may notice broken sessions, and then requests fail. */
  const noticed = (guard: BrokenGuard): Promise<string> =>
    runStorm(servers, TURNS_WITHOUT_GUARD, guard).then(
      ({ faults }) => faults.join('\n'),
      (error: unknown) => String(error),
    );

  it.each<BrokenGuard>(Object.values(guards))(
    'notices when $what',
    async (guard) => {
      const found = await noticed(guard);
      expect(found).not.toBe('');
      expect(found).not.toContain('compiling');
    },
    ORACLE_TIMEOUT_MS,
  );

  it(
    `notices when ${documentUnwritten.what}, with Search`,
    async () => {
      const expected = servers.hasSearch ? /its document has/ : /^$/;
      expect(await noticed(documentUnwritten)).toMatch(expected);
    },
    ORACLE_TIMEOUT_MS,
  );
});
