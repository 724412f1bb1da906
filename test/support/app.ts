import type { AddressInfo } from 'node:net';
import { type ModuleMetadata, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SessionModule } from 'nestjs-redis-session';
import type { SessionOptions } from '../../libs/session/src/session.options.js';

export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** An application that listens on a free port of loopback. */
export interface TestApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** Starts an application with `SessionModule` and what a test needs of controllers and providers. @param library another copy of the package. */
export async function startApp(
  platform: Platform,
  session: SessionOptions,
  metadata: ModuleMetadata = {},
  prepare: (app: INestApplication) => void = () => undefined,
  library: { readonly SessionModule: typeof SessionModule } = { SessionModule },
): Promise<TestApp> {
  @Module({
    ...metadata,
    imports: [library.SessionModule.forRoot(session), ...(metadata.imports ?? [])],
  })
  class TestModule {}
  const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(TestModule, adapter as never, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  prepare(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}` };
}
