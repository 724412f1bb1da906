/**
 * Sessions of express-session: a store for whoever keeps it, and what takes its sessions over for whoever moves on, so
 * that moving signs nobody out.
 *
 * @module nestjs-redis-session/express-session
 */

export { connectRedisSessions, type ConnectRedisOptions } from './connect-redis-sessions.js';
export { RedisSessionStore } from './redis-session-store.js';
export type { RedisSessionStoreOptions } from './store-options.js';
export type { Callback } from './answer.js';
export type { StoredSession } from './all-sessions.js';
