import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import { AppModule } from './app.module.js';
import { securityHeaders } from './page/security-headers.js';
import type { Settings } from './settings.js';

export async function createShop(settings: Settings): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule.forRoot(settings), adapterFor(settings), {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  app.useSecurityHeaders(securityHeaders);
  app.enableCsrfProtection();
  app.useWebSocketAdapter(new WsAdapter(app));
  return app;
}

function adapterFor({ platform, trustProxy }: Settings): ExpressAdapter | FastifyAdapter {
  if (platform === 'fastify') return new FastifyAdapter({ trustProxy: trustProxy ?? false });
  const express = new ExpressAdapter();
  express.set('trust proxy', trustProxy ?? false);
  return express;
}

/** Resolves to the address that really listens, also when the settings said port 0. */
export async function listen(app: INestApplication, { host, port }: Settings): Promise<string> {
  await app.listen(port, host);
  const address = app.getHttpServer().address() as { port: number };
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
