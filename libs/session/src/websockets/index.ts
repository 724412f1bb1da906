/**
 * Sessions in the gateways of `@nestjs/websockets`: an optional peer, so this is an entry point of its own.
 *
 * @module nestjs-redis-session/websockets
 */

export { SessionWebSocketsModule } from './session-web-sockets.module.js';
export type { SocketOptions as SessionWebSocketsOptions } from '../sockets/socket-options.js';
export { SessionSockets, type SocketSession } from './session-sockets.js';
