import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import { SessionService } from 'nestjs-redis-session';
import {
  SessionWebSocketsModule,
  type SessionWebSocketsOptions,
} from 'nestjs-redis-session/websockets';
import { io } from 'socket.io-client';
import { sessionOf } from '../events/support/listening-site.js';
import { startApp } from '../support/app.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { useRedis } from '../support/redis.js';
import { HandshakeRefused, type Headers, openSocket, TRANSPORTS } from './support/live-client.js';
import { PATH } from './support/live-gateway.js';
import { type LiveSite, openTab, startLiveSite, visit } from './support/live-site.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

const SHOP = 'https://shop.example';

describe.each(TRANSPORTS)('a handshake of %s', (transport) => {
  const redis = useRedis();
  const sites: LiveSite[] = [];
  let open: LiveSite;
  let closed: LiveSite;

  const start = async (options: SessionWebSocketsOptions, session = {}, more = {}) => {
    const all = { redis: redis.url, ...session };
    const site = await startLiveSite('express', transport, all, options, more);
    sites.push(site);
    return site;
  };
  beforeAll(async () => {
    open = await start({});
    closed = await start({ signedInOnly: true, allowedOrigins: [SHOP, 'http://localhost:8080'] });
  });
  afterAll(() => Promise.all(sites.map(({ app }) => app.close())));

  /** What becomes of it: open, or the status and the code that it was refused with. */
  const attempt = async (site: LiveSite, headers: Headers) => {
    try {
      const client = await openSocket(transport, site, headers);
      await client.ask('everybody');
      client.close();
      return 'open';
    } catch (error) {
      if (!(error instanceof HandshakeRefused)) throw error;
      // A browser cannot see more of a WebSocket; what socket.io answers, its long-polling shows.
      return transport === 'ws' ? `${error.status} ${error.body}` : await poll(site, headers);
    }
  };
  const poll = async ({ url }: LiveSite, headers: Headers) => {
    const response = await fetch(`${url}${PATH}/?EIO=4&transport=polling`, { headers });
    const body = (await response.json()) as { message: string };
    expect(response.status).toBe(403);
    return body.message;
  };
  const refused = (status: number, code: string) =>
    transport === 'ws' ? `${status} ${code}` : code;

  it('is for pages of the same host, unless others are named', async () => {
    const { host } = new URL(open.url);
    for (const origin of [open.url, `https://${host}`]) {
      expect(await attempt(open, { origin })).toBe('open');
    }
    for (const origin of [SHOP, `http://${host}.evil.example`, 'http://127.0.0.1', 'null']) {
      expect(await attempt(open, { origin })).toBe(refused(403, 'SESSION_ORIGIN'));
    }
    // One process has one log, which the last application has given it.
    expect(closed.log.matching(/A socket was refused.*shop\.example.*allowedOrigins/)).toHaveLength(
      1,
    );
  });

  it('is for the pages that are named, and for no other', async () => {
    const { jar } = await visit(closed, 'alice');
    const cookie = jar.header;
    for (const origin of [SHOP, 'http://localhost:8080']) {
      expect(await attempt(closed, { cookie, origin })).toBe('open');
    }
    for (const origin of [closed.url, `${SHOP}:444`, 'http://shop.example', `${SHOP}/`]) {
      expect(await attempt(closed, { cookie, origin })).toBe(refused(403, 'SESSION_ORIGIN'));
    }
  });

  it('without an origin is of no page, unless the browser says that it is of another site', async () => {
    expect(await attempt(open, {})).toBe('open');
    expect(await attempt(open, { 'sec-fetch-site': 'same-origin' })).toBe('open');
    expect(await attempt(open, { 'sec-fetch-site': 'cross-site' })).toBe(
      refused(403, 'SESSION_ORIGIN'),
    );
  });

  it('is refused to strangers where only users may come, with the reason', async () => {
    expect(await attempt(closed, {})).toBe(refused(401, 'SESSION_REQUIRED'));
    const alice = await visit(closed, 'alice');
    const cookie = alice.jar.header;
    expect(await attempt(closed, { cookie })).toBe('open');
    await closed.app.get(SessionService).revoke(sessionOf(alice));
    expect(await attempt(closed, { cookie })).toBe(refused(401, 'SESSION_REVOKED'));
  });

  it('is refused for as long as Redis does not answer, to whoever has a token', async () => {
    const proxy = await FaultProxy.to(redis.url);
    defer(() => proxy.close());
    const site = await start({}, { redis: proxy.url, storeTimeoutMs: 200 });
    defer(() => site.app.close());
    const { jar } = await visit(site, 'alice');
    proxy.refuseConnections();
    expect(await attempt(site, { cookie: jar.header })).toBe(refused(503, 'SESSION_STORE'));
    expect(await attempt(site, {})).toBe('open');
    proxy.behave();
    sites.pop();
  });

  it('may carry the token in a header', async () => {
    const site = await start({}, { token: 'header' });
    const response = await fetch(`${site.url}/sign-in?user=alice`, { method: 'POST' });
    const token = response.headers.get('x-session-token')!;
    const client = await openSocket(transport, site, { 'x-session-token': token });
    defer(() => client.close());
    expect(await client.ask('private')).toMatchObject([{ data: 'alice' }]);
  });

  it('is asked of the application first, where its gateway has questions of its own', async () => {
    const asked: string[] = [];
    @WebSocketGateway({
      path: '/own',
      allowRequest: (_request: unknown, allow: (why: string | null, ok: boolean) => void) => {
        asked.push('socket.io');
        allow('not today', false);
      },
      verifyClient: () => {
        asked.push('ws');
        return false;
      },
    })
    class OwnGateway {}
    const site = await start({}, {}, { providers: [OwnGateway] });
    await expect(openSocket(transport, site, {}, '/own')).rejects.toThrow(HandshakeRefused);
    expect(asked).toEqual([transport]);
  });
});

describe('sockets without what they need', () => {
  const redis = useRedis();

  it('do not start without events, and the error says what to import', async () => {
    const imports = [SessionWebSocketsModule.forRoot({})];
    await expect(startApp('express', { redis: redis.url }, { imports })).rejects.toThrow(
      /import SessionEventsModule\.forRoot/,
    );
  });

  it.each([
    ['a slash behind', { allowedOrigins: ['https://shop.example/'] }],
    ['no scheme', { allowedOrigins: ['shop.example'] }],
    ['no list', { allowedOrigins: 'https://shop.example' }],
    ['no truth', { signedInOnly: 'yes' }],
  ])('do not start with a wrong option: %s', async (_, options) => {
    const starting = startLiveSite('express', 'ws', { redis: redis.url }, options as never);
    await expect(starting).rejects.toMatchObject({ code: 'SESSION_CONFIG' });
  });

  it('are closed at once where an adapter keeps the options to itself', async () => {
    class Forgetful extends WsAdapter {
      override create(port: number, { path }: { path: string }) {
        return super.create(port, { path } as never) as unknown;
      }
    }
    const site = await startLiveSite('express', 'ws', { redis: redis.url }, {}, {}, Forgetful);
    defer(() => site.app.close());
    const client = await openSocket('ws', site);
    expect(await client.closed).toBe('SESSION_STATE');
    expect(site.log.matching(/has to pass the options on/)).toHaveLength(1);
  });
});

describe('several sockets of socket.io on one connection', () => {
  const redis = useRedis();

  it('hear each why it is closed, be it by long-polling', async () => {
    @WebSocketGateway({ path: PATH, namespace: 'news' })
    class NewsGateway {}
    const providers = [NewsGateway];
    const options = { redis: redis.url };
    const site = await startLiveSite('express', 'socket.io', options, {}, { providers });
    defer(() => site.app.close());
    const alice = await visit(site, 'alice');
    for (const transport of ['websocket', 'polling']) {
      const heard: unknown[] = [];
      const more = { path: PATH, transports: [transport], reconnection: false, forceNew: false };
      const cookie = { cookie: alice.jar.header, origin: site.url };
      const sockets = ['', '/news'].map((namespace) =>
        io(site.url + namespace, { ...more, extraHeaders: cookie }),
      );
      const ended = sockets.map((socket) => {
        socket.on('session-ended', (why: unknown) => heard.push(why));
        return new Promise((resolve) => socket.on('disconnect', resolve));
      });
      await Promise.all(
        sockets.map((socket) => new Promise<void>((resolve) => socket.on('connect', resolve))),
      );
      await alice.post('sign-out');
      await Promise.all(ended);
      expect(heard).toEqual([{ code: 'SESSION_SIGNED_OUT' }, { code: 'SESSION_SIGNED_OUT' }]);
      await alice.post('sign-in?user=alice');
    }
  });

  it('have what a handler acknowledges by itself saved before that', async () => {
    const site = await startLiveSite('express', 'socket.io', { redis: redis.url });
    defer(() => site.app.close());
    const alice = await visit(site, 'alice');
    const client = await openTab(site, alice);
    expect(await client.acknowledged!('acknowledge', 'a note')).toBe('acknowledged');
    const service = site.app.get(SessionService);
    expect(await service.read(sessionOf(alice), ['note'])).toEqual({ note: 'a note' });
  });
});
