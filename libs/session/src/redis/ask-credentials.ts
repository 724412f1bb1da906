import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { pauseBefore } from './connecting.js';

/** What the log calls it when there are none. */
export const NO_CREDENTIALS = 'NOCREDENTIALS';

const RETRY_MS = 200;
const LIMIT_MS = 5000;

interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | null | undefined;
}

/** Rejects where there are none. */
type Ask = () => Credentials | Promise<Credentials>;

/**
 * Has a client ask for its user name and password before each attempt to connect: those that it was made with may be void by then.
 * ioredis connects again by `connect()`, too. While there are none, it is tried again as a connection is.
 *
 * @param limitMs how long it may take to give them.
 */
export function askAtEachConnect(client: Redis, ask: Ask, limitMs = LIMIT_MS): void {
  const connect = client.connect.bind(client);
  const disconnect = client.disconnect.bind(client);
  let asking: Promise<void> | undefined;
  /** There is no connection yet that could be closed. */
  let isLeft = false;

  const setCredentials = async () => {
    for (let attempt = 1; ; attempt++) {
      const credentials = await inTime(ask, limitMs);
      if (isLeft) throw closed();
      if (credentials) {
        const { username, password } = credentials;
        return void Object.assign(client.options, { username, password });
      }
      client.emit('error', Object.assign(new Error('no credentials'), { code: NO_CREDENTIALS }));
      const delayMs = client.options.retryStrategy?.(attempt);
      if (typeof delayMs !== 'number') throw closed();
      await wait(Math.max(delayMs, RETRY_MS, pauseBefore(attempt)), undefined, { ref: false });
    }
  };
  client.connect = async () => {
    if (!asking) {
      isLeft = false;
      asking = setCredentials().finally(() => (asking = undefined));
    }
    await asking;
    await connect();
  };
  client.disconnect = (reconnects) => {
    if (!reconnects) isLeft = true;
    disconnect(reconnects);
  };
}

/** @returns nothing where there are none. What the function throws may hold what it knows, so nothing of it is told. */
async function inTime(ask: Ask, timeoutMs: number): Promise<Credentials | undefined> {
  try {
    const late = wait(timeoutMs, undefined, { ref: false });
    return await Promise.race([Promise.resolve(ask()), late]);
  } catch {
    return undefined;
  }
}

function closed(): Error {
  return new Error('Connection is closed.');
}
