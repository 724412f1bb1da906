import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  RequestMethod,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { GatewaySettings } from './gateway-settings.js';
import { SessionGatewayMiddleware } from './session-gateway.middleware.js';
import type { SessionGatewayOptions } from './session-gateway.options.js';

/**
 * One address that answers a reverse proxy who somebody is: for `auth_request` of nginx, `ext_authz` of Envoy, `forwardAuth`
 * of Traefik, `forward_auth` of Caddy and the like. Import it behind `SessionModule`, in the root module.
 *
 * 200 with headers that say who it is, 401 and a code for everybody else, 503 while Redis does not answer. 1 command a check
 * (2 for a session that has ended, none without a token), and a touch when one is due. It never hands out a token.
 */
@Module({})
export class SessionGatewayModule implements NestModule {
  /** @internal */
  constructor(@Inject(GatewaySettings) private readonly settings: GatewaySettings) {}

  /**
   * Makes the module.
   *
   * @param options where it answers, and what it tells. Default: the user and the session's id, at `session-gateway`.
   * @throws {SessionError} `SESSION_CONFIG` for an option that is wrong.
   */
  static forRoot(options: SessionGatewayOptions = {}): DynamicModule {
    const settings = new GatewaySettings(options);
    return {
      module: SessionGatewayModule,
      providers: [{ provide: GatewaySettings, useValue: settings }],
    };
  }

  /** @internal */
  configure(consumer: MiddlewareConsumer): void {
    const { path } = this.settings;
    // Two, so that each can be excluded from a global prefix.
    consumer
      .apply(SessionGatewayMiddleware)
      .forRoutes(
        { path, method: RequestMethod.ALL, version: VERSION_NEUTRAL },
        { path: `${path}/*below`, method: RequestMethod.ALL, version: VERSION_NEUTRAL },
      );
  }
}
