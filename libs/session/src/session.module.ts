import {
  Inject,
  Logger,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { IndexStore } from './core/index-store.js';
import { SearchEngine } from './core/search-engine.js';
import { SessionIndex } from './core/session-index.js';
import { SessionRepository } from './core/session-repository.js';
import { SessionGuard } from './http/session.guard.js';
import { beginBeforeExpress } from './http/begin-before-express.js';
import { answerNeutrally } from './http/neutral-in-old-nest.js';
import { SessionMiddleware } from './http/session.middleware.js';
import { watchForWrongDecorator } from './http/wrong-session-decorator.js';
import { ExaminationAtStart } from './module/examination-at-start.js';
import { IdleConnections } from './http/idle-connections.js';
import { openConnection } from './redis/open-connection.js';
import { RedisConnection } from './redis/redis-connection.js';
import { RedisSessionRepository } from './redis/redis-session-repository.js';
import { RedisIndexStore } from './redis/search/redis-index-store.js';
import { RedisSearchEngine } from './redis/search/redis-search-engine.js';
import { IndexCaretaker } from './search/index-caretaker.js';
import { IndexFiller } from './search/index-filler.js';
import { IndexKeeper } from './search/index-keeper.js';
import { SessionSearch } from './search/session-search.js';
import type { SESSION_OPTIONS, SessionOptions } from './session.options.js';
import { SessionService } from './session.service.js';
import { SessionSettings } from './session.settings.js';
import { assertImportedOnce, configurableModule } from './settings/configurable-module.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, withoutOptions, given } = configurableModule<
  SessionOptions,
  typeof SESSION_OPTIONS
>()(
  'Session',
  'createSessionOptions',
  "SessionModule.forRoot({ redis: 'redis://localhost:6379' })",
  { isGlobal: true },
);

/**
 * Sessions for a Nest application: `imports: [SessionModule.forRoot({ redis: 'redis://localhost:6379' })]`, once, in
 * the root module. `forRootAsync()` takes `useFactory`, `useClass` or `useExisting`; a class for options has a method
 * `createSessionOptions()`. Global unless `isGlobal: false`.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    withoutOptions,
    {
      provide: SessionSettings,
      inject: [MODULE_OPTIONS_TOKEN, ModulesContainer],
      useFactory: (options: SessionOptions, modules: ModulesContainer) => {
        assertImportedOnce(modules, SessionModule);
        return new SessionSettings(given(options));
      },
    },
    { provide: RedisConnection, inject: [SessionSettings], useFactory: openConnection },
    { provide: SessionIndex, inject: [SessionSettings], useFactory: declaredIndex },
    {
      provide: SessionRepository,
      inject: [RedisConnection, SessionSettings, SessionIndex],
      useFactory: (connection: RedisConnection, settings: SessionSettings, index: SessionIndex) =>
        new RedisSessionRepository(connection, settings, visibleTo(connection, index)),
    },
    {
      provide: SearchEngine,
      inject: [RedisConnection, SessionSettings],
      useFactory: (connection: RedisConnection, settings: SessionSettings) =>
        new RedisSearchEngine(connection, settings),
    },
    {
      provide: IndexStore,
      inject: [RedisConnection, SessionSettings],
      useFactory: (connection: RedisConnection, settings: SessionSettings) =>
        new RedisIndexStore(connection, settings),
    },
    IndexFiller,
    IndexKeeper,
    IndexCaretaker,
    ExaminationAtStart,
    IdleConnections,
    SessionMiddleware,
    SessionService,
    SessionSearch,
    SessionGuard,
  ],
  exports: [
    SessionService,
    SessionSearch,
    SessionGuard,
    SessionRepository,
    SessionSettings,
    RedisConnection,
  ],
})
export class SessionModule
  extends ConfigurableModuleClass
  implements NestModule, OnApplicationShutdown
{
  /** @internal */
  constructor(
    @Inject(RedisConnection) private readonly connection: RedisConnection,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(SessionMiddleware) private readonly middleware: SessionMiddleware,
  ) {
    super();
  }

  /** @internal */
  configure(consumer: MiddlewareConsumer): void {
    answerNeutrally();
    const { httpAdapter } = this.host;
    const use = this.middleware.use.bind(this.middleware);
    // What a consumer applies is a route, whose path is compared with each request: measured, 20 to 25 microseconds.
    if (httpAdapter.getType() === 'express') beginBeforeExpress(httpAdapter, this.middleware);
    else if (httpAdapter.getType() === 'fastify') httpAdapter.use(use);
    else consumer.apply(use).forRoutes('{*path}');
    for (const { metatype } of this.discovery.getControllers()) {
      if (typeof metatype === 'function') watchForWrongDecorator(metatype as never);
    }
  }

  /**
   * After the server has closed: requests in flight may still save their sessions until then.
   *
   * @internal
   */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.connection.close(), this.settings.adoptFrom?.close?.()]);
  }
}

function declaredIndex({ index }: SessionSettings): SessionIndex {
  const logger = new Logger('SessionIndex');
  return new SessionIndex(index, (message) => logger.warn(message));
}

/** Search indexes the hashes of every database, and answers as if all of them were in database 0. */
function visibleTo({ database }: RedisConnection, index: SessionIndex): SessionIndex {
  return database === 0 ? index : new SessionIndex(undefined);
}
