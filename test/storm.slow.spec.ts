import { startCluster } from './support/storm-cluster.js';
import { STORM_RACES } from './support/storm-races.js';
import { runStorm } from './support/storm-run.js';
import { startSingle, type StormServers } from './support/storm-servers.js';
import { type StormRow, stormTable } from './support/storm-table.js';
import { untilFaulty } from './support/storm-until-faulty.js';

const operations = Number(process.env['STORM_OPERATIONS'] ?? 2000);
const seed = Number(process.env['STORM_SEED'] ?? Math.floor(Math.random() * 1e9));
const timeoutMs = 60_000 + 10 * operations;
const rows: StormRow[] = [];

afterAll(() => {
  if (rows.length === 0) return;
  process.stdout.write(
    `\nSTORM_OPERATIONS=${operations} STORM_SEED=${seed}\n${stormTable(rows)}\n`,
  );
});

// A storm wipes its servers, and the nodes of a Cluster must reach each other: neither can always be.
const notOurs = process.env['REDIS_URL'] && 'needs a Redis of its own, and REDIS_URL is set';
const noBus =
  process.env['REDIS_ENGINE'] === 'docker' &&
  'the containers of REDIS_ENGINE=docker publish no port for the bus between its nodes';

const TOPOLOGIES = [
  { name: 'one Redis', start: startSingle, obstacle: notOurs },
  { name: 'a Cluster of three primaries', start: () => startCluster(), obstacle: notOurs || noBus },
];

for (const { name, start, obstacle } of TOPOLOGIES) {
  const describeStorm = obstacle ? describe.skip : describe;
  describeStorm(`a storm on ${name}${obstacle ? ` (${obstacle})` : ''}`, () => {
    let servers: StormServers;
    beforeAll(async () => {
      servers = await start();
    });
    afterAll(() => servers?.stop());

    it.each(STORM_RACES)(
      '$name: nothing is wrong afterwards, and much is without scripts',
      async (race) => {
        const ours = await runStorm(servers, race, 'ours', { operations, seed });
        // It takes more round trips for the same, and shows soon enough what it is.
        const naive = await untilFaulty(
          (from) => runStorm(servers, race, 'naive', { operations: operations / 5, seed: from }),
          seed,
        );
        rows.push({ servers: name, race: race.name, ours, naive });
        expect({ seed, faults: ours.faults }).toEqual({ seed, faults: [] });
        expect(naive.faults).not.toEqual([]);
      },
      timeoutMs,
    );
  });
}
