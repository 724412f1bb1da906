import { createRequire } from 'node:module';
import { SessionError } from '../session.errors.js';

/** What of express-session's own `Store` is used: it makes a `Session` with its methods out of what was read. */
export interface BaseStore {
  createSession(request: object, stored: object): object;
}

/**
 * Loaded when a store is made, and not with this entry point: whoever only moves away from express-session need not have
 * it any more.
 *
 * @throws {SessionError} `SESSION_CONFIG` when it is not installed.
 */
export function loadBaseStore(): BaseStore {
  try {
    const { Store } = createRequire(import.meta.url)('express-session') as {
      Store: { prototype: BaseStore };
    };
    return Store.prototype;
  } catch (cause) {
    throw new SessionError(
      'SESSION_CONFIG',
      'RedisSessionStore needs the package express-session, which could not be loaded. Install it beside nestjs-redis-session: npm install express-session.',
      { cause },
    );
  }
}
