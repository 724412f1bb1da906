import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, ModulesContainer } from '@nestjs/core';
import { assertImportedOnce, configurableModule } from '../settings/configurable-module.js';
import { EventGroups } from './event-groups.js';
import { callHandler } from './event-handler.js';
import { EventHandlers } from './event-handlers.js';
import { EventRelay } from './event-relay.js';
import { SessionEvents } from './session-events.js';
import type { EVENTS_OPTIONS, SessionEventsOptions } from './session-events.options.js';
import { SessionEventsSettings } from './session-events.settings.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, withoutOptions, given } = configurableModule<
  SessionEventsOptions,
  typeof EVENTS_OPTIONS
>()('SessionEvents', 'createSessionEventsOptions', 'SessionEventsModule.forRoot({})', {
  isGlobal: true,
});

/**
 * Events of sessions for a Nest application: `imports: [SessionModule.forRoot({ … }), SessionEventsModule.forRoot({})]`, once, in
 * the root module, beside a `SessionModule` that is global. `forRootAsync()` takes `useFactory`, `useClass` or `useExisting`; a
 * class for options has a method `createSessionEventsOptions()`. Global unless `isGlobal: false`.
 *
 * One `PUBLISH` for each change, which no response waits for; a connection of its own to listen.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    withoutOptions,
    {
      provide: SessionEventsSettings,
      inject: [MODULE_OPTIONS_TOKEN, ModulesContainer],
      useFactory: (options: SessionEventsOptions, modules: ModulesContainer) => {
        assertImportedOnce(modules, SessionEventsModule);
        return new SessionEventsSettings(given(options));
      },
    },
    SessionEvents,
    EventHandlers,
    EventGroups,
    EventRelay,
  ],
  exports: [SessionEvents],
})
export class SessionEventsModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  /** @internal */
  constructor(
    @Inject(SessionEvents) private readonly events: SessionEvents,
    @Inject(EventHandlers) private readonly handlers: EventHandlers,
    @Inject(EventGroups) private readonly groups: EventGroups,
    @Inject(EventRelay) private readonly relay: EventRelay,
  ) {
    super();
  }

  /** @internal */
  onModuleInit(): void {
    this.relay.tell();
  }

  /** @internal */
  async onApplicationBootstrap(): Promise<void> {
    const handlers = this.handlers.find();
    for (const handler of handlers.filter(({ group }) => group === undefined)) {
      this.events.all$.subscribe((event) => {
        if (handler.wants(event)) void callHandler(handler, event);
      });
    }
    const ofGroups = handlers.filter(({ group }) => group !== undefined);
    await Promise.all([this.relay.listen(), this.groups.start(ofGroups)]);
  }

  /**
   * Other instances handle what is left; what this one still does is in the stream for them.
   *
   * @internal
   */
  async beforeApplicationShutdown(): Promise<void> {
    await this.groups.stop();
  }

  /**
   * After the server has closed: requests in flight may still change sessions until then.
   *
   * @internal
   */
  async onApplicationShutdown(): Promise<void> {
    await this.relay.close();
  }
}
