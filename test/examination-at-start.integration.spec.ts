import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { SessionModule, type SessionOptions } from 'nestjs-redis-session';
import { InMemorySessionRepository, SessionRepository } from 'nestjs-redis-session/testing';
import { launchRedis } from '../redis-server/launch.js';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { type TestRedis, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

/** What a site writes into its log about Redis. */
class Log implements LoggerService {
  readonly lines: string[] = [];
  log(message: string, context: string): void {
    if (context === 'SessionRedis') this.lines.push(`log ${message}`);
  }
  warn(message: string, context: string): void {
    if (context === 'SessionRedis') this.lines.push(`warn ${message}`);
  }
  error(message: string, ...[, context]: string[]): void {
    if (context === 'SessionRedis') this.lines.push(`error ${message}`);
  }
}

async function startLogging(options: SessionOptions): Promise<{ site: TestApp; log: Log }> {
  const log = new Log();
  const site = await startApp('express', options, { controllers: [VisitorController] }, (app) =>
    app.useLogger(log),
  );
  return { site, log };
}

async function infosOf({ client }: TestRedis): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(/^cmdstat_info:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

const POINTER = 'log More about this Redis: npx nestjs-redis-session doctor <url>';

describe('a site that starts, at a Redis that will lose sessions', () => {
  const redis = useRedis({
    settings: {
      appendonly: 'no',
      save: '',
      maxmemory: '100mb',
      'maxmemory-policy': 'allkeys-lru',
    },
  });

  it('warns of each danger in a line of its own, with what to do, and names the doctor', async () => {
    const { site, log } = await startLogging({ redis: redis.url });
    await eventually('the log is complete', async () => log.lines.includes(POINTER));
    await site.app.close();
    expect(log.lines).toEqual([
      'warn Redis, persistence: no append-only file: a crash loses all since the last snapshot, if there is one. Set appendonly yes.',
      'warn Redis, eviction: allkeys-lru: a full memory signs users out at random. Set maxmemory-policy noeviction, in a Redis that sessions have for themselves.',
      POINTER,
    ]);
  });

  it('says nothing when it is told not to look', async () => {
    const { site, log } = await startLogging({ redis: redis.url, examineAtStart: false });
    await new Visitor(site).post('sign-in?user=alice');
    await site.app.close();
    expect(log.lines).toEqual([]);
  });

  it('is told nothing by a user of Redis who may not ask', async () => {
    const rules = ['on', '>password', 'allkeys', '+@all', '-info'];
    await redis.client.call('ACL', 'SETUSER', 'shop', ...rules);
    const { hostname, port } = new URL(redis.url);
    // A ready check would ask for INFO, and complain to the console.
    const quiet = { enableReadyCheck: false, disconnectTimeout: 50 };
    const right = {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      commandTimeout: 1500,
    };
    const account = { username: 'shop', password: 'password' };
    const address = { host: hostname, port: Number(port) };
    const client = new Redis({ ...address, ...account, ...quiet, ...right });
    defer(() => client.disconnect());
    await once(client, 'ready');
    const { site, log } = await startLogging({ redis: client });
    const visitor = new Visitor(site);
    expect((await visitor.post('sign-in?user=alice')).status).toBe(201);
    await site.app.close();
    await redis.client.call('ACL', 'DELUSER', 'shop');
    expect(log.lines).toEqual([]);
  });
});

describe('a site that starts, at a good Redis', () => {
  const redis = useRedis();

  it('asks for INFO once, and says nothing', async () => {
    // The client asks for INFO itself when it connects, to see whether Redis is loading.
    const perConnection = async (examineAtStart: boolean) => {
      const before = await infosOf(redis);
      const { site, log } = await startLogging({ redis: redis.url, examineAtStart });
      // Behind it on the same connection.
      await new Visitor(site).post('sign-in?user=alice');
      await site.app.close();
      expect(log.lines).toEqual([]);
      return (await infosOf(redis)) - before;
    };
    expect((await perConnection(true)) - (await perConnection(false))).toBe(1);
  });

  it('lets a program end that has a context of Nest, and no site', async () => {
    const program = `
      import 'reflect-metadata';
      import { NestFactory } from '@nestjs/core';
      import { SessionModule } from './libs/session/dist/index.js';
      const session = SessionModule.forRoot({ redis: '${redis.url}' });
      await NestFactory.createApplicationContext(session, { logger: ['error', 'warn'] });
      console.log('started');`;
    const args = ['--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    expect(stdout).toBe('started\n');
  });
});

describe('a site that starts while Redis is away', () => {
  it('starts at once, looks when Redis is there, and can end before', async () => {
    const server = await launchRedis({ settings: { 'maxmemory-policy': 'allkeys-lru' } });
    defer(() => server.stop());
    await server.crash();
    const { site, log } = await startLogging({ redis: server.url, storeTimeoutMs: 200 });
    expect((await new Visitor(site).get('public')).status).toBe(200);
    await server.start();
    await eventually('it has looked', async () => log.lines.includes(POINTER));
    await site.app.close();
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringMatching(/^warn Redis, eviction: allkeys-lru/),
    ]);
  });

  it('ends while it is still away', async () => {
    // Nobody listens on port 1.
    const { site, log } = await startLogging({ redis: 'redis://127.0.0.1:1', storeTimeoutMs: 50 });
    await eventually('it was noticed', async () => log.lines.length > 0);
    await site.app.close();
    expect(log.lines).toEqual([expect.stringMatching(/^error No connection to Redis/)]);
  });
});

describe('a test that keeps sessions in memory', () => {
  it('makes no connection', async () => {
    let connections = 0;
    const nobody = createServer(() => connections++);
    await once(nobody.listen(0, '127.0.0.1'), 'listening');
    defer(() => nobody.close());
    const { port } = nobody.address() as AddressInfo;
    const testing = await Test.createTestingModule({
      imports: [SessionModule.forRoot({ redis: `redis://127.0.0.1:${port}` })],
      controllers: [VisitorController],
    })
      .overrideProvider(SessionRepository)
      .useClass(InMemorySessionRepository)
      .compile();
    const app = testing.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    expect((await fetch(`${url}/public`)).status).toBe(200);
    await app.close();
    expect(connections).toBe(0);
  });
});
