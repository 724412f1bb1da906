/**
 * Whether sessions can be read and begun, for `@nestjs/terminus`: an optional peer, so this is an entry point of its own.
 *
 * @module nestjs-redis-session/terminus
 */

export { SessionHealthIndicator, type SessionHealthOptions } from './session-health-indicator.js';
