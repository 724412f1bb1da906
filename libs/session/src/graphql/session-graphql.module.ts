import {
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, ModuleRef, ModulesContainer } from '@nestjs/core';
import { AbstractGraphQLDriver } from '@nestjs/graphql';
import { SessionRepository } from '../core/session-repository.js';
import { SessionEvents } from '../events/session-events.js';
import { addContextKind } from '../http/context-kind.js';
import { SessionSettings } from '../session.settings.js';
import { assertImportedOnce, configurableModule } from '../settings/configurable-module.js';
import { Handshakes } from '../sockets/handshakes.js';
import { SessionWatch } from '../sockets/session-watch.js';
import type { SOCKET_OPTIONS, SocketOptions } from '../sockets/socket-options.js';
import { SocketRegistry } from '../sockets/socket-registry.js';
import { SocketSettings } from '../sockets/socket-settings.js';
import { resolverContext } from './resolver-context.js';
import { saveRootFields } from './save-root-fields.js';
import { SubscriptionServers } from './subscription-servers.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = configurableModule<
  SocketOptions,
  typeof SOCKET_OPTIONS
>()('SessionGraphQL', 'createSessionGraphQLOptions', 'SessionGraphQLModule.forRoot({})');

/**
 * Lets `@Session()`, `SessionGuard` and the marks for it work in resolvers: import it once, beside `SessionModule.forRoot()` and
 * `GraphQLModule.forRoot()`. With `SessionEventsModule.forRoot({})` besides, also in subscriptions, and in whatever comes over
 * their sockets, which are closed when their session ends.
 *
 * For `@nestjs/graphql` 13 and 14, with Apollo on Express and on Fastify, and with Mercurius. `forRoot()` has options for sockets,
 * and so has `forRootAsync()`, with `useFactory`, `useClass` or `useExisting`; a class for options has a method
 * `createSessionGraphQLOptions()`. A socket costs one command to Redis, or two; an operation over it what a request costs.
 *
 * Throws `SESSION_CONFIG` at start where it has options for sockets, and `SessionEventsModule` is missing.
 */
// Global ones are initialized first: before the servers for GraphQL start.
@Global()
@Module({ imports: [DiscoveryModule] })
export class SessionGraphQLModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationShutdown
{
  readonly #sockets: SocketSettings;
  #watch: SessionWatch | undefined;

  /** @internal */
  constructor(
    @Inject(ModuleRef) private readonly module: ModuleRef,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(ModulesContainer) modules: ModulesContainer,
    @Optional() @Inject(SessionEvents) private readonly events?: SessionEvents,
    @Optional() @Inject(MODULE_OPTIONS_TOKEN) private readonly options?: SocketOptions,
  ) {
    super();
    assertImportedOnce(modules, SessionGraphQLModule);
    this.#sockets = new SocketSettings(options, 'SessionGraphQLModule');
    addContextKind('graphql', resolverContext);
  }

  /** @internal */
  onModuleInit(): void {
    // Without events a socket would outlive its session, so there it has none.
    if (!this.events && !this.options) return;
    const find = <T>(token: abstract new (...args: never[]) => T) =>
      this.module.get<T>(token, { strict: false });
    const [repository, settings] = [find(SessionRepository), find(SessionSettings)];
    const sockets = this.#sockets;
    this.#watch = new SessionWatch(
      new SocketRegistry(),
      repository,
      settings,
      sockets,
      this.events,
    );
    const handshakes = new Handshakes(repository, settings, sockets, this.#watch);
    const servers = new SubscriptionServers(handshakes, this.#watch, repository, settings);
    for (const { instance, metatype } of this.discovery.getProviders()) {
      if (instance instanceof AbstractGraphQLDriver) servers.add(instance);
      saveRootFields(metatype);
    }
  }

  /** @internal */
  onApplicationShutdown(): void {
    this.#watch?.stop();
  }
}
