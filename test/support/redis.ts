import { Redis } from 'ioredis';
import { launchRedis, type LaunchOptions, type RedisServer } from '../../redis-server/launch.js';
import { startMonitor } from './monitor.js';

/** A real Redis of its own for a test file, and a connection of the test's to look into it. */
export interface TestRedis {
  readonly server: RedisServer;
  readonly url: string;
  readonly client: Redis;
}

/** Starts a Redis before the tests of a file and stops it after them. */
export function useRedis(options: LaunchOptions = {}): TestRedis {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await launchRedis(options);
    client = new Redis(server.url, { maxRetriesPerRequest: null, disconnectTimeout: 50 });
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });
  return {
    get server() {
      return server;
    },
    get url() {
      return server.url;
    },
    get client() {
      return client;
    },
  };
}

/**
 * `read-cutoffs`, which an instance that reads sessions sends once a second, whatever it reads: it belongs to no request. How often it
 * is sent, `revoke-all.integration.spec.ts` counts.
 */
export function isQuestionForCutoffs([name, , count, key, check, ...rest]: string[]): boolean {
  const isScript = /^eval(sha)?$/i.test(name!) && count === '1';
  // A write of a cutoff has a moment, too.
  return isScript && key!.endsWith('session-cutoffs') && check === 'cutoffs' && rest.length === 2;
}

/** The commands that Redis received while `act` ran, without those of the connection itself and the question for cutoffs. */
export async function commandsDuring(
  redis: TestRedis,
  act: () => Promise<unknown>,
): Promise<string[][]> {
  const watcher = await startMonitor(redis.client);
  const seen: string[][] = [];
  watcher.on('monitor', (_time: string, args: string[], source: string) => {
    if (source !== 'lua') seen.push(args);
  });
  await act();
  // Commands are told in order: once this one is seen, so are all before it.
  const mark = `mark-${Math.random()}`;
  const isMarked = new Promise<void>((resolve) => {
    watcher.on('monitor', (_time: string, args: string[]) => {
      if (args[1] === mark) resolve();
    });
  });
  await redis.client.echo(mark);
  await isMarked;
  watcher.disconnect();
  // A connection that listens subscribes again now and then, to see whether it is alive.
  const ofConnection = 'echo hello info client select auth monitor quit subscribe'.split(' ');
  return seen.filter(
    (args) => !ofConnection.includes(args[0]!.toLowerCase()) && !isQuestionForCutoffs(args),
  );
}
