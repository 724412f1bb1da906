import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Redis } from 'ioredis';
import {
  type IndexDeclaration,
  SessionModule,
  type SessionOptions,
  SessionSearch,
} from 'nestjs-redis-session';
import { SessionRepository } from 'nestjs-redis-session/testing';

/** The library as an application has it, over a connection of the benchmark's. */
export interface Library<Index extends IndexDeclaration = IndexDeclaration> {
  readonly repository: SessionRepository;
  readonly search: SessionSearch<Index>;
  close(): Promise<void>;
}

export async function openLibrary<Index extends IndexDeclaration>(
  redis: Redis,
  options: Omit<SessionOptions, 'redis' | 'index'> & { readonly index?: Index },
): Promise<Library<Index>> {
  // What takes long is a result here, not an error.
  const fixed = { redis: () => redis, storeTimeoutMs: 60_000, prepareIndexAtStart: false };

  @Module({ imports: [SessionModule.forRoot({ ...fixed, ...options })] })
  class BenchModule {}

  const app = await NestFactory.createApplicationContext(BenchModule, {
    logger: ['warn', 'error', 'fatal'],
    abortOnError: false,
  });
  return {
    repository: app.get(SessionRepository),
    search: app.get<SessionSearch<Index>>(SessionSearch),
    close: () => app.close(),
  };
}
