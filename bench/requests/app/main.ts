import type { AddressInfo } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Contestant } from '../contestants/contestant.js';
import { type Entrant, partsOf } from '../contestants/roster.js';
import { ProgramProfiler } from './profiler.js';

/** What the process of a contestant can be asked: processor time in microseconds, and where it goes. */
export type Question = 'cpu' | 'start profile' | 'stop profile';

/** One contestant in a process of its own. It says its port, and then answers questions. */
const [entrant, redisUrl] = process.argv.slice(2) as [Entrant, string];
const { platform, name } = partsOf(entrant);
const { contestant } = (await import(`../contestants/${name}.js`)) as { contestant: Contestant };
const { metadata, prepare } = await contestant.open(redisUrl);

@Module(metadata)
class BenchModule {}

const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app = await NestFactory.create<INestApplication>(BenchModule, adapter as never, {
  logger: false,
  abortOnError: false,
});
await prepare?.(app);
await app.listen(0, '127.0.0.1');

const profiler = new ProgramProfiler();
const answers: Record<Question, () => unknown> = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  'start profile': () => profiler.start(),
  'stop profile': () => profiler.stop(),
};

process.on('message', (question: Question) => {
  void Promise.resolve(answers[question]()).then((answer) => process.send!(answer ?? 'done'));
});
process.on('disconnect', () => process.exit());
process.send!((app.getHttpServer().address() as AddressInfo).port);
