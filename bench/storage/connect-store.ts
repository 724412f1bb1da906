import { randomBytes } from 'node:crypto';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import type { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { Content } from './content.js';
import { IDLE_SECONDS } from './library-store.js';

/** express-session's store in Redis, over the client that it is made for. */
export interface ConnectStore {
  create(content: Content): Promise<void>;
  /** What there is to do without a list of a user's sessions. @returns how many were ended. */
  endAllOf(userId: string): Promise<number>;
  close(): Promise<void>;
}

type Stored = session.SessionData & { readonly id: string; readonly userId?: string };

/** @param redis a connection to the same server. */
export async function openConnectStore({ options }: Redis): Promise<ConnectStore> {
  const client = createClient({ socket: { host: options.host!, port: options.port! } });
  await client.connect();
  const store = new RedisStore({ client });
  return {
    create: (content) => store.set(newSid(), { ...content, cookie: newCookie() }),
    endAllOf: async (userId) => {
      const all = (await store.all()) as Stored[];
      const theirs = all.filter((stored) => stored.userId === userId);
      await Promise.all(theirs.map(({ id }) => store.destroy(id)));
      return theirs.length;
    },
    close: async () => client.destroy(),
  };
}

/** As long as express-session makes them. */
function newSid(): string {
  return randomBytes(24).toString('base64url');
}

/** The least that a cookie can be told that ends by itself. */
function newCookie(): session.Cookie {
  // The types do not say that it takes options.
  const Cookie = session.Cookie as unknown as new (options: object) => session.Cookie;
  return new Cookie({ maxAge: IDLE_SECONDS * 1000 });
}
