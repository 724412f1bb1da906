import { Controller, Get, Param } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import type { SessionOptions } from 'nestjs-redis-session';
import { SessionHealthIndicator, type SessionHealthOptions } from 'nestjs-redis-session/terminus';
import { type Platform, startApp, type TestApp } from './app.js';

// Terminus 11 has no `degraded`.
export const knowsDegraded = 'degraded' in new HealthIndicatorService().check('sessions');

/** A site whose page `/health/<name>` checks the sessions, with the options of that name, or with none. */
export function startHealthSite(
  platform: Platform,
  session: SessionOptions,
  pages: Readonly<Record<string, SessionHealthOptions>>,
): Promise<TestApp> {
  @Controller('health')
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly sessions: SessionHealthIndicator,
    ) {}

    @Get(':page') check(@Param('page') page: string) {
      return this.health.check([() => this.sessions.check('sessions', pages[page])]);
    }
  }
  return startApp(platform, session, {
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
    providers: [SessionHealthIndicator],
  });
}
