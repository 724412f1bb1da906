export { connectRedisSessions, type ConnectRedisOptions } from './connect-redis-sessions.js';
