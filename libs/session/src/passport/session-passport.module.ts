import {
  type DynamicModule,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { decorateFastify, type FastifyApp } from './decorate-fastify.js';
import { SessionPassportMiddleware } from './session-passport.middleware.js';
import { assertKnownOptions } from '../settings/known-options.js';
import {
  PASSPORT_OPTION_NAMES,
  PASSPORT_OPTIONS,
  type SessionPassportOptions,
} from './session-passport.options.js';

/**
 * Login sessions of Passport 0.7, with `@nestjs/passport` or without, kept as the sessions of this package: import it once,
 * after `SessionModule.forRoot()`. It takes the place of `express-session`, `passport.initialize()` and
 * `passport.session()`.
 *
 * `req.logIn()` is a sign-in, under a new token; `req.logOut()` ends the session; `req.user` is what your
 * `deserializeUser()` gives. Every request that names a session has it read: 1 command, which handlers share.
 */
@Module({})
export class SessionPassportModule implements NestModule {
  /** @internal */
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /**
   * The module, for `imports`.
   *
   * @param options `userId`, where users are not serialised to a text or a number. Default: none.
   * @throws {SessionError} `SESSION_CONFIG` for an option that is wrong.
   */
  static forRoot<Serialised = unknown>(
    options: SessionPassportOptions<Serialised> = {},
  ): DynamicModule {
    assertKnownOptions(options, PASSPORT_OPTION_NAMES, 'SessionPassportModule');
    return {
      module: SessionPassportModule,
      // So that its middleware comes before that of the application, which asks who is there.
      global: true,
      providers: [{ provide: PASSPORT_OPTIONS, useValue: options }],
    };
  }

  /** @internal */
  configure(consumer: MiddlewareConsumer): void {
    const { httpAdapter } = this.host;
    if (httpAdapter.getType() === 'fastify') decorateFastify(httpAdapter.getInstance<FastifyApp>());
    consumer.apply(SessionPassportMiddleware).forRoutes('{*path}');
  }
}
