/**
 * Sessions in the resolvers of `@nestjs/graphql`: an optional peer, so this is an entry point of its own.
 *
 * @module nestjs-redis-session/graphql
 */

export { SessionGraphQLModule } from './session-graphql.module.js';
export type { SocketOptions as SessionGraphQLOptions } from '../sockets/socket-options.js';
