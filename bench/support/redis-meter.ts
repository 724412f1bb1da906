import type { Redis } from 'ioredis';

/** Of what Redis has done in all, or meanwhile. */
export type RedisCost = 'cpuMicroseconds' | 'commands' | 'bytesIn' | 'bytesOut';
export type RedisCosts = Readonly<Record<RedisCost, number>>;

const CALIBRATIONS = 20;

/** Tells what Redis did meanwhile, less what it takes to ask. Commands are counted inside of scripts, too. */
export class RedisMeter {
  private constructor(
    private readonly redis: Redis,
    private readonly asking: RedisCosts,
  ) {}

  static async of(redis: Redis): Promise<RedisMeter> {
    const first = await costs(redis);
    for (let i = 1; i < CALIBRATIONS; i++) await costs(redis);
    const last = await costs(redis);
    return new RedisMeter(
      redis,
      each((cost) => (last[cost] - first[cost]) / CALIBRATIONS),
    );
  }

  async during(act: () => Promise<unknown>): Promise<RedisCosts> {
    const before = await costs(this.redis);
    await act();
    const after = await costs(this.redis);
    return each((cost) => after[cost] - before[cost] - this.asking[cost]);
  }
}

function each(of: (cost: RedisCost) => number): RedisCosts {
  return {
    cpuMicroseconds: of('cpuMicroseconds'),
    commands: of('commands'),
    bytesIn: of('bytesIn'),
    bytesOut: of('bytesOut'),
  };
}

async function costs(redis: Redis): Promise<RedisCosts> {
  const info = String(await redis.call('INFO', 'cpu', 'stats'));
  const field = (name: string) => {
    const value = new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1];
    if (value === undefined) throw new Error(`INFO of this Redis does not have ${name}.`);
    return Number(value);
  };
  return {
    cpuMicroseconds: 1e6 * (field('used_cpu_sys') + field('used_cpu_user')),
    commands: field('total_commands_processed'),
    bytesIn: field('total_net_input_bytes'),
    bytesOut: field('total_net_output_bytes'),
  };
}
