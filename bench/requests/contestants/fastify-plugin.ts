import { fastifyCookie } from '@fastify/cookie';
import type { INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Registers a plugin for sessions, and the one for cookies that it needs. */
export function registering(plugin: unknown, options: object) {
  return async (app: INestApplication): Promise<void> => {
    const fastify = app as NestFastifyApplication;
    await fastify.register(fastifyCookie);
    await fastify.register(plugin as never, options as never);
  };
}
