import type { ServerResponse } from 'node:http';
import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { SessionPassportModule } from 'nestjs-redis-session/passport';
import passport from 'passport';
import type { SessionOptions } from '../../libs/session/src/session.options.js';
import { type Platform, startApp, type TestApp } from '../support/app.js';
import { Visitor, VisitorController } from '../support/visitor.js';
import { AuthController, type AuthRequest } from './auth.controller.js';
import { PasswordStrategy, PersonSerializer } from './people.js';
import { ProviderStrategy } from './provider-strategy.js';

/** Middleware of the application, which asks who is there. */
@Module({})
class WatchModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    const watch = (request: AuthRequest, response: ServerResponse, next: () => void) => {
      response.setHeader('X-Seen', request.isAuthenticated() ? request.user!.name : 'nobody');
      next();
    };
    consumer.apply(watch).forRoutes('{*path}');
  }
}

type PassportOptions = Parameters<typeof SessionPassportModule.forRoot>[0];

/** A site where people log in by Passport. */
export async function startPassportSite(
  platform: Platform,
  session: SessionOptions,
  options?: PassportOptions,
): Promise<TestApp> {
  passport.use(new ProviderStrategy() as unknown as passport.Strategy);
  return startApp(platform, session, {
    imports: [
      WatchModule,
      SessionPassportModule.forRoot(options),
      PassportModule.register({ session: true }),
    ],
    controllers: [AuthController, VisitorController],
    providers: [PasswordStrategy, PersonSerializer],
  });
}

/** Somebody at a browser, who knows passwords. */
export class PassportVisitor extends Visitor {
  logIn(name: string, password = name, path = 'log-in'): Promise<Response> {
    return this.post(path, { username: name, password });
  }

  async who(): Promise<unknown> {
    return (await this.get('who')).json();
  }
}
