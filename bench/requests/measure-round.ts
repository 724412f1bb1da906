import type { RedisMeter } from '../support/redis-meter.js';
import { summarize } from '../support/summary.js';
import type { Connection } from './load/connection.js';
import { type Load, openConnections, runLoad } from './load/load.js';
import { assertWritten } from './load/written.js';
import { WORKS } from './load/works.js';
import type { ContestantProcess } from './stand/contestant-process.js';

/** What one round came to, for each request. */
export interface Sample {
  /** Processor time of the application, in microseconds. */
  readonly cpu: number;
  readonly redisCpu: number;
  readonly commands: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** So many visitors come in a round. */
const VISITORS = 200;

/**
 * Random visitors come in turn. Each has come once before anything is counted: that wakes an application that has
 * waited while others ran, and a touch that is due falls there, which depends on how long they took.
 */
export async function measureRound(
  contestant: ContestantProcess,
  meter: RedisMeter,
  given: Load,
): Promise<Sample> {
  const connections = await openConnections(contestant.port, given.concurrency);
  const cookies = draw(given.cookies, Math.max(VISITORS, given.concurrency));
  const load = { ...given, cookies };
  try {
    const work = load.work.hasCookie ? WORKS.read : load.work;
    await runLoad(connections, { ...load, work, requests: cookies.length });
    const sample = await underLoad(contestant, meter, connections, load);
    if (load.work === WORKS.write) await assertWritten(contestant, connections[0]!, load.cookies);
    return sample;
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function underLoad(
  contestant: ContestantProcess,
  meter: RedisMeter,
  connections: readonly Connection[],
  load: Load,
): Promise<Sample> {
  const { requests } = load;
  let result = { seconds: 0, latencies: [] as readonly number[] };
  const before = await contestant.cpuMicroseconds();
  const redis = await meter.during(async () => {
    result = await runLoad(connections, load);
  });
  const cpu = (await contestant.cpuMicroseconds()) - before;
  const sorted = result.latencies.toSorted((a, b) => a - b);
  return {
    cpu: cpu / requests,
    redisCpu: redis.cpuMicroseconds / requests,
    commands: redis.commands / requests,
    bytesIn: redis.bytesIn / requests,
    bytesOut: redis.bytesOut / requests,
    perSecond: requests / result.seconds,
    p50: summarize(result.latencies).median,
    p99: sorted[Math.ceil(0.99 * sorted.length) - 1]!,
  };
}

function draw(cookies: readonly string[], count: number): string[] {
  const keyed = cookies.map((cookie) => ({ cookie, key: Math.random() }));
  const shuffled = keyed.toSorted((a, b) => a.key - b.key);
  return shuffled.slice(0, count).map(({ cookie }) => cookie);
}
