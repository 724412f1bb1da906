import { goalText } from '../support/goal.js';
import { figure, spread, table } from '../support/table.js';
import { fewTrips } from './goals.js';
import type { StorageResult } from './measure.js';
import type { SignOut } from './sign-out.js';

const HEAD = ['sessions', 'in all', 'µs for each', 'commands', 'trips'];
const STALLS = ['Redis busy in all', 'longest command', 'PING, p99', 'PING, longest'];

export function signOutTable({ signOuts }: StorageResult): string {
  return table([...HEAD, ...STALLS], signOuts.map(rowOf));
}

function rowOf(one: SignOut): string[] {
  return [
    `${one.sessions.toLocaleString('en')}, ${one.way}`,
    spread(one.wall),
    figure((1000 * one.wall.median) / one.sessions),
    figure(one.commands.median),
    one.way === 'library' ? goalText(fewTrips(one)) : figure(one.trips.median),
    spread(one.busy),
    `${spread(one.longest)} ${one.longestCommand}`,
    figure(one.pingP99),
    figure(one.pingLongest),
  ];
}
