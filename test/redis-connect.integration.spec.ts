import { inspect } from 'node:util';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Logger, type LoggerService } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { leaveWrongDatabase } from '../libs/session/src/redis/database.js';
import { logOutages } from '../libs/session/src/redis/outages.js';
import { useCleanup } from './support/cleanup.js';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { startTlsServer, type TlsServer } from './support/tls-server.js';
import { Visitor, VisitorController } from './support/visitor.js';

const PASSWORD = 'r1ght-password';
const WRONG = 'wr0ng-password';

/** What is logged, whole. */
class Lines implements LoggerService {
  readonly lines: string[] = [];
  log = (...said: unknown[]): void => void this.lines.push(said.join(' '));
  warn = this.log;
  error = this.log;
}

const redis = useRedis();
const addressOf = () => new URL(redis.url).host;
let tls: TlsServer;
const sites: TestApp[] = [];
const defer = useCleanup();
let log: Lines;
beforeAll(async () => {
  await redis.client.config('SET', 'requirepass', PASSWORD);
  tls = await startTlsServer();
});
afterAll(() => tls?.stop());
beforeEach(() => {
  log = new Lines();
});
afterEach(async () => {
  for (const { app } of sites.splice(0)) await app.close();
});

async function start(url: string): Promise<TestApp> {
  const options = { redis: url, examineAtStart: false };
  const site = await startApp('express', options, { controllers: [VisitorController] }, (app) =>
    app.useLogger(log),
  );
  sites.push(site);
  return site;
}

const untilSaid = (what: RegExp) =>
  eventually(`the log says ${String(what)}`, async () => log.lines.some((line) => what.test(line)));

describe('what the log says of a Redis that lets nobody in', () => {
  const weak = async () => {
    await redis.client.call(
      'ACL',
      'SETUSER',
      'weak',
      'on',
      `>${PASSWORD}`,
      '~*',
      '+@all',
      '-hello',
      '-select',
    );
    return `redis://weak:${PASSWORD}@${addressOf()}/1`;
  };
  it.each<[string, () => string, RegExp]>([
    ['WRONGPASS', () => `redis://:${WRONG}@${addressOf()}`, /\(WRONGPASS: .*wrong\)/],
    ['WRONGPASS of a user', () => `redis://bob:${WRONG}@${addressOf()}`, /\(WRONGPASS/],
    ['NOAUTH', () => `redis://${addressOf()}`, /\(NOAUTH: .*none is configured\)/],
    ['a port without TLS', () => `rediss://:${PASSWORD}@${addressOf()}`, /no TLS handshake/],
    ['a port with TLS', () => `redis://127.0.0.1:${tls.port}`, /ECONNRESET: .*use rediss:/],
    ['a certificate', () => `rediss://127.0.0.1:${tls.port}`, /not trusted/],
    ['nothing there', () => 'redis://127.0.0.1:1', /\(ECONNREFUSED\)/],
  ])('names host, port and %s', async (_, url, said) => {
    const site = await start(url());
    expect((await new Visitor(site).post('sign-in?user=alice')).status).toBe(503);
    await untilSaid(said);
    const { host } = new URL(url());
    const lines = log.lines.filter((line) => line.startsWith('No connection to Redis'));
    expect(lines).toEqual([expect.stringContaining(`at ${host} (`)]);
    expect(log.lines.join('\n')).not.toMatch(new RegExp(`${PASSWORD}|${WRONG}`));
  });

  it.each([
    [
      'has no room for more',
      'ERR max number of clients reached',
      'ERR max number of clients reached',
    ],
    [
      'is protected',
      `DENIED Redis is running in protected mode. ${'More. '.repeat(99)}`,
      'DENIED Redis',
    ],
    [
      'repeats what it was sent',
      `ERR unknown command 'HELLO', with args beginning with: '${WRONG}'`,
      'ERR unknown command',
    ],
    ['repeats the password', `ERR no user has ${WRONG}`, 'ERR no user has'],
  ])('is in the words of a Redis that %s, and short', async (_, answer, said) => {
    const server = createServer((socket) => {
      // Some servers do not wait until they are asked.
      const refuse = () => socket.end(`-${answer}\r\n`);
      if (answer.includes('max number')) refuse();
      socket.on('error', () => undefined).on('data', refuse);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    defer(() => server.close());
    const { port } = server.address() as AddressInfo;
    const site = await start(`redis://:${WRONG}@127.0.0.1:${port}`);
    await new Visitor(site).post('sign-in?user=alice');
    await untilSaid(/No connection to Redis/);
    const [line, ...others] = log.lines.filter((one) => one.startsWith('No connection'));
    expect(line).toContain(`at 127.0.0.1:${port} (${said}`);
    expect(line!.length).toBeLessThan(300);
    expect(others).toEqual([]);
    expect(log.lines.join('\n')).not.toContain(WRONG);
  });

  it('is told again where the reason is another one', async () => {
    const gate: Server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(gate, 'listening');
    const { port } = gate.address() as AddressInfo;
    const site = await start(`redis://127.0.0.1:${port}`);
    const visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    await untilSaid(/use rediss:/);
    gate.close();
    await visitor.post('sign-in?user=alice');
    await untilSaid(/ECONNREFUSED/);
    const told = log.lines.filter((line) => line.startsWith('No connection'));
    expect(new Set(told).size).toBe(told.length);
  });

  it.each([99, 16])('stops the start at database %d, which is not there', async (database) => {
    const starting = start(`redis://:${PASSWORD}@${addressOf()}/${database}`);
    const error: Error = await starting.then(
      () => new Error('It has started.'),
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringContaining(`refuses database ${database}`) as string,
    });
    expect(inspect(error, { depth: 20 })).not.toContain(PASSWORD);
  });

  it('stops the start where the user may not SELECT', async () => {
    await expect(start(await weak())).rejects.toMatchObject({ code: 'SESSION_CONFIG' });
  });

  it('lets an application start at another database that is there, and keeps sessions in it', async () => {
    const site = await start(`redis://:${PASSWORD}@${addressOf()}/3`);
    expect((await new Visitor(site).post('sign-in?user=alice')).status).toBe(201);
    const keyspace = await redis.client.info('keyspace');
    expect(keyspace).toMatch(/^db3:/m);
    expect(keyspace).not.toMatch(/^db0:/m);
  });

  it('lets an application start while Redis is away, also for another database', async () => {
    const site = await start('redis://127.0.0.1:1/7');
    expect((await new Visitor(site).get('public')).status).toBe(200);
  });
});

describe.each([
  ['6', Redis],
  ['5', Redis5 as unknown as typeof Redis],
])('a client of ioredis %s whose database is refused', (_, Client) => {
  let client: Redis;
  afterEach(() => client?.disconnect());

  it('never becomes ready, so nothing is written to database 0', async () => {
    Logger.overrideLogger(log);
    client = new Client(`redis://:${PASSWORD}@${addressOf()}/99`, {
      lazyConnect: true,
      disconnectTimeout: 50,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt: number) => (attempt > 3 ? null : 10),
    });
    leaveWrongDatabase(client);
    logOutages(client);
    let isReady = false;
    client.on('ready', () => (isReady = true));
    const ended = new Promise((resolve) => client.once('end', resolve));
    await client.connect().catch(() => undefined);
    await ended;
    expect(isReady).toBe(false);
    expect(log.lines).toEqual([expect.stringContaining('it refused SELECT: ERR')]);
  });

  it('is told of in its own words', async () => {
    Logger.overrideLogger(log);
    client = new Client(`redis://:${WRONG}@${addressOf()}`, {
      lazyConnect: true,
      disconnectTimeout: 50,
      retryStrategy: () => null,
    });
    logOutages(client);
    await client.connect().catch(() => undefined);
    expect(log.lines[0]).toMatch(/at 127\.0\.0\.1:\d+ \(WRONGPASS: /);
  });
});
