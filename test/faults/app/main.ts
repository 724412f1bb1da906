import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster } from 'ioredis';
import { SessionModule } from 'nestjs-redis-session';
import type { FaultSiteSettings } from './fault-site.settings.js';
import { DURABLE, SiteController } from './site.controller.js';
import { answerForVitals } from './vitals.js';

/** One instance of the site, a process of its own: it can be frozen, killed and asked how it is. */
const { platform, redis, session, durable } = JSON.parse(
  process.env['FAULT_SITE']!,
) as FaultSiteSettings;
answerForVitals(() => app.getHttpServer() as Server);

const client =
  typeof redis === 'object' && 'cluster' in redis
    ? () => new Cluster([...redis.cluster], { lazyConnect: false })
    : redis;

@Module({
  imports: [SessionModule.forRoot({ ...session, redis: client })],
  controllers: [SiteController],
  providers: [{ provide: DURABLE, useValue: durable ? { durable } : {} }],
})
class FaultSiteModule {}

/** Each platform takes a fifth of a second to load, and many instances are started. */
async function adapterOf(name: FaultSiteSettings['platform']) {
  if (name === 'fastify') return new (await import('@nestjs/platform-fastify')).FastifyAdapter();
  return new (await import('@nestjs/platform-express')).ExpressAdapter();
}

const app = await NestFactory.create(FaultSiteModule, (await adapterOf(platform)) as never, {
  logger: ['error', 'warn', 'log'],
});
app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as AddressInfo;
console.log(`The site listens on http://127.0.0.1:${port}`);
