import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serverArguments } from './arguments.js';
import { guardServer } from './guard.js';
import { PortTakenError } from './ports.js';
import { configFile } from './project.js';
import { untilReady } from './ready.js';
import type { Controls, Lodging } from './ways/way.js';

/** A redis-server on this machine. */
export interface Program {
  readonly binary: string;
  /** The module file that gives it Search. */
  readonly searchModule?: string;
  /** Where libraries lie that the system does not have. */
  readonly libraryFolder?: string;
}

// Redis writes its snapshot on SIGTERM; past this time it hangs, and the append-only file has everything anyway.
const stopWithinMs = 10_000;

export async function runProgram(program: Program, lodging: Lodging): Promise<Controls> {
  const url = `redis://127.0.0.1:${lodging.port}`;
  let server: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    if (isAlive(server)) return;
    server = spawnServer(program, lodging);
    const ended = rejectAtEnd(server, lodging);
    try {
      await untilReady(url, ended, server.pid);
    } catch (error) {
      server.kill('SIGKILL');
      throw error;
    }
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (!isAlive(server)) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    // A frozen server hears SIGTERM only once it goes on.
    server.kill('SIGCONT');
    const hanging = setTimeout(() => server?.kill('SIGKILL'), stopWithinMs);
    await gone;
    clearTimeout(hanging);
  };
  const signal = async (name: 'SIGSTOP' | 'SIGCONT'): Promise<void> => {
    if (!isAlive(server)) throw new Error(`The Redis at ${url} is not running: start() it first.`);
    server.kill(name);
  };

  if (lodging.sentinel !== undefined) await writeFile(sentinelFile(lodging), lodging.sentinel);
  await start();
  return {
    url,
    start,
    stop: () => end('SIGTERM'),
    crash: () => end('SIGKILL'),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
  };
}

function isAlive(server: ChildProcess | undefined): server is ChildProcess {
  return server?.pid !== undefined && server.exitCode === null && server.signalCode === null;
}

function spawnServer(program: Program, lodging: Lodging): ChildProcess {
  const isSentinel = lodging.sentinel !== undefined;
  const decided = {
    port: `${lodging.port}`,
    bind: '127.0.0.1',
    dir: lodging.dataFolder,
    ...(program.searchModule && !isSentinel && { loadmodule: program.searchModule }),
  };
  const log = openSync(logFile(lodging), 'w');
  // Read from standard input, so that no server can write to redis.conf: a Sentinel makes its servers rewrite their
  // file, and a Sentinel its own.
  const config = openSync(configFile, 'r');
  const given = isSentinel ? sentinelFile(lodging) : '-';
  const server = spawn(program.binary, serverArguments(given, decided, lodging), {
    // A group of its own, so that Ctrl-C in a terminal reaches this process alone and the server is stopped in order.
    detached: true,
    stdio: [config, log, log],
    env: {
      ...process.env,
      ...(program.libraryFolder && { LD_LIBRARY_PATH: program.libraryFolder }),
      ...lodging.env,
    },
  });
  closeSync(log);
  closeSync(config);
  if (server.pid !== undefined) server.once('exit', guardServer(server.pid));
  server.unref();
  return server;
}

function sentinelFile(lodging: Lodging): string {
  return join(lodging.dataFolder, 'sentinel.conf');
}

function logFile(lodging: Lodging): string {
  return join(lodging.dataFolder, 'redis.log');
}

/** Never resolves: it is there to lose a race, or to win it with the reason from the server's log. */
async function rejectAtEnd(server: ChildProcess, lodging: Lodging): Promise<never> {
  await once(server, 'exit');
  const log = await readFile(logFile(lodging), 'utf8').catch(() => '');
  if (log.includes('Address already in use')) throw new PortTakenError(lodging.port);
  const lastLines = log.trim().split('\n').slice(-5).join('\n');
  throw new Error(`the server ended while it started. Its last lines:\n${lastLines}`);
}
