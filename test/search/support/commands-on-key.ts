import type { TestRedis } from '../../support/redis.js';
import { startMonitor } from '../../support/monitor.js';

/** The names of the commands on a key that Redis carried out while `act` ran, inside scripts and outside. */
export async function commandsOnKey(
  redis: TestRedis,
  key: string,
  act: () => Promise<unknown>,
): Promise<string[]> {
  const watcher = await startMonitor(redis.client);
  const seen: string[] = [];
  const mark = `mark-${Math.random()}`;
  const isMarked = new Promise<void>((resolve) => {
    watcher.on('monitor', (_time: string, [name = '', ...args]: string[]) => {
      const isScript = /^eval/i.test(name);
      if (!isScript && args.includes(key)) seen.push(name.toLowerCase());
      if (args[0] === mark) resolve();
    });
  });
  await act();
  // Commands are told in order: once this one is seen, so are all before it.
  await redis.client.echo(mark);
  await isMarked;
  watcher.disconnect();
  return seen;
}
