import type { Redis } from 'ioredis';

/** Processor time that Redis has used since its start, all threads, in microseconds. */
export async function cpuMicroseconds(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  return 1e6 * (fieldOf(info, 'used_cpu_sys') + fieldOf(info, 'used_cpu_user'));
}

/** What Redis holds, in bytes, without what it keeps for its connections. */
export async function memoryBytes(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  return fieldOf(info, 'used_memory') - fieldOf(info, 'mem_clients_normal');
}

function fieldOf(info: string, name: string): number {
  const value = new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1];
  if (value === undefined) throw new Error(`INFO of this Redis does not have ${name}.`);
  return Number(value);
}
