import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { SessionModule, SessionService } from 'nestjs-redis-session';
import { SessionEvents, SessionEventsModule } from 'nestjs-redis-session/events';
import {
  InMemorySessionRepository,
  SessionRepository,
  signInForTest,
} from 'nestjs-redis-session/testing';
import { SessionSockets, SessionWebSocketsModule } from 'nestjs-redis-session/websockets';
import { firstValueFrom } from 'rxjs';
import { sessionOf } from '../events/support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { useStopwatch } from '../support/stopwatch.js';
import { openSocket } from './support/live-client.js';
import { LiveGateway, PATH } from './support/live-gateway.js';
import { openTab, startLiveSite, visit } from './support/live-site.js';

type Verified = (isVerified: boolean, ...why: unknown[]) => void;
type VerifyClient = (info: object, verified: Verified) => void;

describe('a socket of ws', () => {
  const redis = useRedis();
  const stopwatch = useStopwatch(() => [() => redis.client.ping()]);
  const defer = useCleanup();

  it('is closed when its session ended between the handshake and the socket', async () => {
    let between: () => Promise<unknown> = async () => undefined;
    class Slow extends WsAdapter {
      override create(port: number, options: Record<string, unknown>) {
        const verify = options['verifyClient'] as VerifyClient;
        const verifyClient: VerifyClient = (info, verified) =>
          verify(info, (...answer) => void between().then(() => verified(...answer)));
        return super.create(port, { ...options, verifyClient } as never) as unknown;
      }
    }
    const site = await startLiveSite('express', 'ws', { redis: redis.url }, {}, {}, Slow);
    defer(() => site.app.close());
    const alice = await visit(site, 'alice');
    const heard = firstValueFrom(site.app.get(SessionEvents).of('revoked'));
    between = async () => {
      await site.app.get(SessionService).revoke(sessionOf(alice));
      await heard;
    };
    const tab = await openTab(site, alice);
    expect(await tab.closed).toBe('SESSION_REVOKED');
  });

  it('is gone within a second also when its peer does not answer', async () => {
    const site = await startLiveSite('express', 'ws', { redis: redis.url });
    defer(() => site.app.close());
    const alice = await visit(site, 'alice');
    const upgrade = request(site.url + PATH, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        cookie: alice.jar.header,
      },
    }).end();
    const [, socket] = (await once(upgrade, 'upgrade')) as [unknown, Socket];
    defer(() => socket.destroy());
    socket.on('error', () => undefined);
    const sockets = site.app.get(SessionSockets);
    expect(sockets.ofUser('alice')).toHaveLength(1);
    const lap = stopwatch.start();
    await alice.post('sign-out');
    await eventually('it is gone', async () => sockets.ofUser('alice').length === 0);
    expect(lap().ownMs).toBeLessThan(1000);
  });

  it('is closed behind the answer in a test without Redis, too', async () => {
    const imports = [
      SessionModule.forRoot({ redis: 'redis://127.0.0.1:1' }),
      SessionEventsModule.forRoot({}),
      SessionWebSocketsModule.forRoot({}),
    ];
    const testing = await Test.createTestingModule({ imports, providers: [LiveGateway] })
      .overrideProvider(SessionRepository)
      .useClass(InMemorySessionRepository)
      .compile();
    const app = testing.createNestApplication({ logger: false, forceCloseConnections: true });
    defer(() => app.close());
    app.useWebSocketAdapter(new WsAdapter(app));
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const cookie = await signInForTest(app, 'alice');
    const client = await openSocket('ws', { url: `http://127.0.0.1:${port}` }, { cookie });
    expect(await client.ask('private')).toMatchObject([{ data: 'alice' }]);
    expect(await client.ask('sign-out')).toMatchObject([{ data: 'signed out' }]);
    expect(await client.closed).toBe('SESSION_SIGNED_OUT');
  });
});
