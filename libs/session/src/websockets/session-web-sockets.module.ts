import { Inject, Module, type OnApplicationShutdown, UseInterceptors } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, ModuleRef, ModulesContainer } from '@nestjs/core';
import { GATEWAY_METADATA } from '@nestjs/websockets/constants.js';
import { addContextKind } from '../http/context-kind.js';
import { assertImportedOnce, configurableModule } from '../settings/configurable-module.js';
import { Handshakes } from '../sockets/handshakes.js';
import { SessionWatch } from '../sockets/session-watch.js';
import type { SOCKET_OPTIONS, SocketOptions } from '../sockets/socket-options.js';
import { SocketRegistry } from '../sockets/socket-registry.js';
import { SocketSettings } from '../sockets/socket-settings.js';
import { onAdapter } from './adapter-of-application.js';
import { AdapterWatch } from './adapter-watch.js';
import { ConnectionRecovery } from './connection-recovery.js';
import { messageContext } from './message-context.js';
import { SaveMessage } from './save-message.interceptor.js';
import { SessionSockets } from './session-sockets.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, withoutOptions, given } = configurableModule<
  SocketOptions,
  typeof SOCKET_OPTIONS
>()('SessionWebSockets', 'createSessionWebSocketsOptions', 'SessionWebSocketsModule.forRoot({})', {
  isGlobal: true,
});

/** Gateways that save what their handlers do to sessions. Of the process: the same class may be in several applications. */
const saving = new WeakSet<object>();

/**
 * Sessions for the gateways of a Nest application: `imports: [SessionModule.forRoot({ … }), SessionEventsModule.forRoot({}),
 * SessionWebSocketsModule.forRoot({})]`, once, in the root module. `forRootAsync()` takes `useFactory`, `useClass` or
 * `useExisting`; a class for options has a method `createSessionWebSocketsOptions()`. Global unless `isGlobal: false`.
 *
 * For `@nestjs/websockets` 11 and 12, with `IoAdapter` of socket.io, `WsAdapter` of ws, and adapters that are derived from
 * them. A handshake costs one command to Redis, or two; a message that asks for its session what a request costs.
 *
 * Throws `SESSION_CONFIG` at start where `SessionEventsModule` is missing.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    withoutOptions,
    {
      provide: SocketSettings,
      inject: [MODULE_OPTIONS_TOKEN, ModulesContainer],
      useFactory: (options: SocketOptions, modules: ModulesContainer) => {
        assertImportedOnce(modules, SessionWebSocketsModule);
        return new SocketSettings(given(options), 'SessionWebSocketsModule');
      },
    },
    SocketRegistry,
    SessionWatch,
    Handshakes,
    ConnectionRecovery,
    AdapterWatch,
    SessionSockets,
  ],
  exports: [SessionSockets],
})
export class SessionWebSocketsModule
  extends ConfigurableModuleClass
  implements OnApplicationShutdown
{
  /** @internal */
  constructor(
    @Inject(SessionWatch) private readonly watch: SessionWatch,
    @Inject(AdapterWatch) adapters: AdapterWatch,
    @Inject(ModuleRef) module: ModuleRef,
    @Inject(DiscoveryService) discovery: DiscoveryService,
  ) {
    super();
    addContextKind('ws', messageContext);
    onAdapter(module, (adapter) => adapters.watch(adapter));
    for (const { metatype } of discovery.getProviders()) {
      if (typeof metatype !== 'function' || saving.has(metatype)) continue;
      if (!Reflect.getMetadata(GATEWAY_METADATA, metatype)) continue;
      saving.add(metatype);
      UseInterceptors(new SaveMessage())(metatype);
    }
  }

  /** @internal */
  onApplicationShutdown(): void {
    this.watch.stop();
  }
}
