import type { AddressInfo } from 'node:net';
import { Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Redis } from 'ioredis';
import {
  AllowAnonymous,
  Session,
  SessionGuard,
  SessionModule,
  SessionService,
} from 'nestjs-redis-session';
import type { Finding } from 'nestjs-redis-session/doctor';
import { SessionHealthIndicator } from 'nestjs-redis-session/terminus';

declare module 'nestjs-redis-session' {
  interface SessionData {
    visits: number;
  }
}

// What somebody writes who has installed the package. It is compiled anew in each fresh app, for ESM and for CommonJS.

@Controller()
@UseGuards(SessionGuard)
export class VisitorController {
  constructor(
    private readonly sessions: SessionService,
    private readonly health: HealthCheckService,
    private readonly sessionHealth: SessionHealthIndicator,
  ) {}

  @Post('sign-in') @AllowAnonymous() signIn(@Session() session: Session) {
    session.signIn('alice', { data: { visits: 0 } });
  }

  @Post('visit') visit(@Session() session: Session) {
    session.increment('visits');
  }

  @Get('me') async me(@Session() session: Session) {
    const devices = await this.sessions.listByUser(session.userId!, { current: session });
    return { user: session.userId, visits: session.get('visits'), devices: devices.length };
  }

  @Post('sign-out') signOut(@Session() session: Session) {
    session.destroy();
  }

  @Get('wrong') @AllowAnonymous() wrong(@Session() session: Session) {
    session.set('visits', new Date() as never);
  }

  @Get('health') @AllowAnonymous() check() {
    return this.health.check([() => this.sessionHealth.check('sessions')]);
  }
}

/** Types of an entry point must fit, though nothing of it is run here. */
export const isWorst = ({ severity }: Finding): boolean => severity === 'problem';

async function main(platform: string, url: string): Promise<void> {
  @Module({
    imports: [SessionModule.forRoot({ redis: () => new Redis(url) }), TerminusModule],
    controllers: [VisitorController],
    providers: [SessionHealthIndicator],
  })
  class AppModule {}
  const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter as never, { logger: ['error', 'warn'] });
  app.enableShutdownHooks(['SIGTERM']);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  console.log(`The app listens on http://127.0.0.1:${port}`);
}

void main(process.argv[2]!, process.argv[3]!);
