import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { RedisStore } from 'connect-redis';
import expressSession, { type SessionData, type SessionOptions } from 'express-session';
import { createClient } from 'redis';

declare module 'express-session' {
  interface SessionData {
    passport?: { user: string };
    note?: string;
    count?: number;
    lines?: { sku: string; quantity: number }[];
  }
}

type Request = IncomingMessage & { session: expressSession.Session & Partial<SessionData> };

/** A site as it was before: express-session, its sessions in Redis by connect-redis, each used as it comes. */
export interface OldSite {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param store options of connect-redis. */
export async function startOldSite(
  redisUrl: string,
  options: Partial<SessionOptions> = {},
  store: object = {},
): Promise<OldSite> {
  const client = createClient({ url: redisUrl });
  client.on('error', () => undefined);
  await client.connect();
  const middleware = expressSession({
    store: new RedisStore({ client, ...store }),
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 3_600_000 },
    ...options,
  }) as unknown as (request: Request, response: ServerResponse, next: () => void) => void;
  const server = createServer((request, response) => {
    middleware(request as Request, response, () => handle(request as Request, response));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await client.close();
    },
  };
}

/** `/sign-in?user=`, `/write?note=` and `/read`, as the site of `visitor.ts` has them. */
function handle({ url = '', session }: Request, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const user = searchParams.get('user');
  if (pathname === '/sign-in' && user) session.passport = { user };
  if (pathname === '/write') {
    session.note = searchParams.get('note') ?? '';
    session.count = (session.count ?? 0) + 1;
    session.lines = [{ sku: session.note, quantity: 1 }];
  }
  response.setHeader('content-type', 'application/json');
  const { note = null, passport } = session;
  response.end(JSON.stringify({ note, userId: passport?.user ?? null }));
}
