import { Module } from '@nestjs/common';
import { addContextKind } from '../http/context-kind.js';
import { resolverContext } from './resolver-context.js';

/**
 * Lets `@Session()`, `SessionGuard` and the marks for it work in resolvers, in queries and mutations: import it once,
 * beside `SessionModule.forRoot()` and `GraphQLModule.forRoot()`. It has no options.
 *
 * For `@nestjs/graphql` 13 and 14, with Apollo on Express and on Fastify, and with Mercurius.
 */
@Module({})
export class SessionGraphQLModule {
  /** @internal */
  constructor() {
    addContextKind('graphql', resolverContext);
  }
}
