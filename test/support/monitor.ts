import type { Redis } from 'ioredis';

/**
 * A connection that is told every command. Not by `monitor()` of ioredis, which rejects when somebody sends a command in the very
 * moment in which it begins.
 */
export async function startMonitor(client: Redis): Promise<Redis> {
  const monitor = client.duplicate({ monitor: true, lazyConnect: false });
  monitor.on('error', () => undefined);
  await new Promise<void>((resolve) => void monitor.once('monitoring', () => resolve()));
  return monitor;
}
