import { startSingle, type StormServers } from '../support/storm-servers.js';
import { type StormRow, stormTable } from '../support/storm-table.js';
import { untilFaulty } from '../support/storm-until-faulty.js';
import { runIndexStorm } from './storm-run.js';
import { describeWithSearch } from './support/with-search.js';

const operations = Number(process.env['STORM_OPERATIONS'] ?? 3000);
const seed = Number(process.env['STORM_SEED'] ?? Math.floor(Math.random() * 1e9));
const timeoutMs = 60_000 + 10 * operations;

// A storm wipes its server.
const notOurs = process.env['REDIS_URL'] && 'needs a Redis of its own, and REDIS_URL is set';
const describeStorm = notOurs ? describe.skip : describeWithSearch;

describeStorm(`a storm over sessions with an index${notOurs ? ` (${notOurs})` : ''}`, () => {
  const rows: StormRow[] = [];
  let servers: StormServers;
  beforeAll(async () => {
    servers = await startSingle();
  });
  afterAll(async () => {
    await servers?.stop();
    const heading = `STORM_OPERATIONS=${operations} STORM_SEED=${seed}`;
    if (rows.length > 0) process.stdout.write(`\n${heading}\n${stormTable(rows)}\n`);
  });

  it(
    'leaves every session with its document, and many without when that is written by hand',
    async () => {
      const ours = await runIndexStorm(servers, 'ours', { operations, seed });
      // It takes more round trips for the same, and shows soon enough what it is.
      const naive = await untilFaulty(
        (from) => runIndexStorm(servers, 'naive', { operations: operations / 2, seed: from }),
        seed,
      );
      rows.push({ servers: 'one Redis', race: 'sessions and their documents', ours, naive });
      expect({ seed, faults: ours.faults }).toEqual({ seed, faults: [] });
      expect(naive.faults).not.toEqual([]);
    },
    timeoutMs,
  );
});
