import { openConnections, runLoad } from '../load/load.js';
import { signInAll } from '../load/visitors.js';
import { type WorkName, WORKS } from '../load/works.js';
import { type DistantContestant, FAR, NEAR } from './distant-contestant.js';

export interface Trips {
  /** How much longer a response takes, in parts of how much longer a trip to Redis and back takes. */
  readonly waitedFor: number;
  /** Commands sent, for each request. */
  readonly commands: number;
}

const BYTES = 300;

export async function countTrips(
  contestant: DistantContestant,
  works: readonly WorkName[],
): Promise<Partial<Record<WorkName, Trips>>> {
  const { entrant, port } = contestant.process;
  const connections = await openConnections(port, 1);
  const cookies = (await signInAll([contestant.process], 1, BYTES)).get(entrant)!;
  const trip = await contestant.delayOf(async (count) => {
    const times: number[] = [];
    while (times.length < count) times.push(await contestant.ping());
    return times;
  });
  const counted: Partial<Record<WorkName, Trips>> = {};
  for (const name of works) {
    const load = { work: WORKS[name], bytes: BYTES, cookies, concurrency: 1 };
    const ask = async (requests: number) =>
      (await runLoad(connections, { ...load, requests })).latencies;
    await ask(NEAR);
    const before = contestant.commands;
    const response = await contestant.delayOf(ask);
    const commands = (contestant.commands - before) / (NEAR + FAR);
    counted[name] = { waitedFor: Math.abs(Math.round((10 * response) / trip) / 10), commands };
  }
  for (const connection of connections) connection.close();
  return counted;
}
