import type { Redis } from 'ioredis';
import { BenchRedis } from '../../support/bench-redis.js';
import { RedisMeter } from '../../support/redis-meter.js';
import type { Entrant } from '../contestants/roster.js';
import type { WorkName } from '../load/works.js';
import type { Say } from '../section.js';
import { ContestantProcess } from './contestant-process.js';

/** A Redis of its own, and contestants that use it. */
export interface Stand {
  readonly server: string;
  readonly redis: Redis;
  readonly meter: RedisMeter;
  readonly contestants: readonly ContestantProcess[];
  /** Works that they have done so often that the compiler is done with them. */
  readonly warm: Set<WorkName>;
  close(): Promise<void>;
}

export async function openStand(entrants: readonly Entrant[], say: Say): Promise<Stand> {
  const server = await BenchRedis.start();
  const contestants: ContestantProcess[] = [];
  const close = async () => {
    for (const contestant of contestants) await contestant.stop();
    await server.stop();
  };
  try {
    for (const entrant of entrants) {
      say(`start ${entrant}`);
      contestants.push(await ContestantProcess.start(entrant, server.url));
    }
    const redis = server.connect();
    const meter = await RedisMeter.of(redis);
    return { server: server.description, redis, meter, contestants, warm: new Set(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
