import type { Redis } from 'ioredis';

/** How Redis was busy with what it was asked, by its own watch. Nothing else is served during a command. */
export interface BusyTimes {
  /** Calls of each command; a script is one, whatever it does. */
  readonly calls: ReadonlyMap<string, number>;
  /** Milliseconds, all commands together. */
  readonly inAll: number;
  /** Milliseconds of the longest command, and which one that was. */
  readonly longest: number;
  readonly longestCommand: string;
}

const OF_THE_BENCHMARK = new Set(['ping', 'config|set', 'config|resetstat', 'info']);
const SCRIPTS = new Set(['eval', 'evalsha']);

interface Command {
  readonly name: string;
  readonly calls: number;
  readonly ms: number;
  readonly longest: number;
}

/** From Redis' statistics. Its slow log would cost as much as the commands, for it keeps those inside of scripts, too. */
export async function busyTimesDuring(
  redis: Redis,
  act: () => Promise<unknown>,
): Promise<BusyTimes> {
  await redis.config('SET', 'latency-tracking-info-percentiles', '100');
  await redis.config('RESETSTAT');
  await act();
  const all = commandsIn(await redis.info('commandstats'), await redis.info('latencystats'));
  const scripts = all.filter(({ name }) => SCRIPTS.has(name));
  const asked = scripts.length > 0 ? scripts : all;
  const { longest, name } = asked.reduce((a, b) => (b.longest > a.longest ? b : a));
  return {
    calls: new Map(asked.map(({ name: command, calls }) => [command, calls])),
    inAll: asked.reduce((sum, { ms }) => sum + ms, 0),
    longest,
    longestCommand: name,
  };
}

function commandsIn(commandStats: string, latencyStats: string): Command[] {
  const rows = [...commandStats.matchAll(/^cmdstat_(\S+):calls=(\d+),usec=(\d+)/gm)];
  return rows
    .map(([, name, calls, microseconds]) => {
      const row = latencyStats
        .split('\n')
        .find((line) => line.startsWith(`latency_percentiles_usec_${name}:`));
      const longest = Number(/p100=([\d.]+)/.exec(row ?? '')?.[1] ?? 0) / 1000;
      return { name: name!, calls: Number(calls), ms: Number(microseconds) / 1000, longest };
    })
    .filter(({ name }) => !OF_THE_BENCHMARK.has(name));
}
