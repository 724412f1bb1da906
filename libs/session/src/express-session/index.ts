/**
 * Takes over the sessions that express-session has kept by connect-redis, so that moving signs nobody out.
 *
 * @module nestjs-redis-session/express-session
 */

export { connectRedisSessions, type ConnectRedisOptions } from './connect-redis-sessions.js';
