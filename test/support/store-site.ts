import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express } from 'express';
import expressSession, { type SessionData, type SessionOptions } from 'express-session';
import { RedisSessionStore } from 'nestjs-redis-session/express-session';
import type { RedisSessionStoreOptions } from 'nestjs-redis-session/express-session';
import { Barriers } from './barriers.js';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
    [name: string]: unknown;
  }
}

/** A site that keeps express-session as it is, with the store of this library. */
export interface StoreSite {
  readonly url: string;
  readonly store: RedisSessionStore<SessionData>;
  /** Requests with `?at=` wait there, after they have read their session. */
  readonly barriers: Barriers;
  /** What express-session has handed on to the handler of errors, for requests that were answered by then as well. */
  readonly errors: Error[];
  stop(): Promise<void>;
}

export function storeOf(
  options: Pick<RedisSessionStoreOptions, 'redis'> & Partial<RedisSessionStoreOptions<SessionData>>,
): RedisSessionStore<SessionData> {
  return new RedisSessionStore({ userId: ({ userId }: SessionData) => userId, ...options });
}

/** @param options of express-session. */
export async function startStoreSite(
  store: RedisSessionStore<SessionData>,
  options: Partial<SessionOptions> = {},
): Promise<StoreSite> {
  const barriers = new Barriers();
  const errors: Error[] = [];
  const app = express();
  app.use(sessionsIn(store, options));
  addPages(app, barriers);
  const noteError: ErrorRequestHandler = (error: Error, _request, response, _next) => {
    errors.push(error);
    const { status = 500, code } = error as { status?: number; code?: string };
    if (!response.headersSent) response.status(status).json({ code });
  };
  app.use(noteError);
  const server = createServer(app);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    store,
    barriers,
    errors,
    stop: () => stop(server, store),
  };
}

export function sessionsIn(store: RedisSessionStore<SessionData>, options: object = {}) {
  return expressSession({
    store,
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: 3_600_000 },
    ...options,
  });
}

/** Pages that do with `req.session` what their address says. */
function addPages(app: Express, barriers: Barriers): void {
  app.use(async (request, _response, next) => {
    await barriers.pass(request.query['at'] as string | undefined);
    next();
  });
  app.get('/read', ({ session, sessionID }, response) => {
    response.json({ ...session, cookie: undefined, sid: sessionID });
  });
  app.get('/set', ({ session, query }, response) => {
    const { at: _at, ...fields } = query;
    for (const [name, text] of Object.entries(fields)) session[name] = JSON.parse(String(text));
    response.json({ ok: true });
  });
  app.get('/delete', ({ session, query }, response) => {
    delete session[String(query['name'])];
    response.json({ ok: true });
  });
  app.get('/cookie', ({ session, query }, response) => {
    if (query['maxAge']) session.cookie.maxAge = Number(query['maxAge']);
    response.json({ maxAge: session.cookie.maxAge, original: session.cookie.originalMaxAge });
  });
  app.get('/sign-in', (request, response, next) => {
    request.session.regenerate((error) => {
      if (error) return next(error);
      request.session.userId = String(request.query['user']);
      request.session.save((failure) => (failure ? next(failure) : response.json({ ok: true })));
    });
  });
  app.get('/sign-in-here', ({ session, query }, response) => {
    if (query['user']) session.userId = String(query['user']);
    else delete session.userId;
    response.json({ ok: true });
  });
  app.get('/save', ({ session }, response, next) => {
    session['saved'] = true;
    session.save((error) => {
      if (error) return next(error);
      session['saved'] = false;
      session.reload((failure) => (failure ? next(failure) : response.json({ ok: true })));
    });
  });
  app.get('/sign-out', ({ session }, response, next) => {
    session.destroy((error) => (error ? next(error) : response.json({ ok: true })));
  });
}

async function stop(server: Server, store: RedisSessionStore<SessionData>): Promise<void> {
  server.closeAllConnections();
  server.close();
  await store.close();
}
