import type { SessionStoreMessage } from '../core/session-channels.js';
import { storeCalls, trace } from '../core/trace.js';
import type { RedisClient } from '../redis-client.js';
import { nameOfScript } from './script.js';
import { failureOf } from './store-error.js';

type Command<T> = (client: RedisClient) => Promise<T>;

const COMMANDS = new Set(['call', 'eval', 'evalsha', 'hgetall', 'ping', 'pttl', 'time']);

/** Sends a command, and publishes which it was and what became of it. */
export function traceCommand<T>(
  { options = {}, nodes }: RedisClient,
  command: Command<T>,
  send: (command: Command<T>) => Promise<T>,
): Promise<T> {
  const { host, port, db = 0, sentinels, path } = options;
  // With Sentinel, or a socket, a host stands there too, which is nobody's.
  const isNamed = !nodes && !sentinels && !path;
  const message: SessionStoreMessage = {
    address: isNamed ? host : undefined,
    port: isNamed ? port : undefined,
    database: db,
  };
  const noting = () => send((client) => command(notingCommands(client, message)));
  return trace(storeCalls, message, noting, () => undefined, failureOf);
}

/** Notes the first command that is sent by a client: what a caller is about to do, only it knows. */
function notingCommands(client: RedisClient, message: SessionStoreMessage): RedisClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (COMMANDS.has(String(name))) note(message, String(name), args[0]);
        const returned: unknown = Reflect.apply(value, target, args);
        if (name !== 'nodes') return returned;
        return (returned as RedisClient[]).map((node) => notingCommands(node, message));
      };
    },
  });
}

function note(message: SessionStoreMessage, method: string, argument: unknown): void {
  if (message.operation !== undefined) return;
  message.operation = (method === 'call' ? String(argument) : method).toUpperCase();
  const script = method === 'evalsha' ? nameOfScript(String(argument)) : undefined;
  if (script !== undefined) message.script = script;
}
