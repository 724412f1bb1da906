import { inspect } from 'node:util';
import { Controller, type ExecutionContext, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { ConnectedSocket, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  RequireFreshSignIn,
  Session,
  SessionError,
  SessionGuard,
  SessionSearch,
  SessionService,
  tag,
} from 'nestjs-redis-session';
import { SessionEvents, SessionEventsModule } from 'nestjs-redis-session/events';
import { connectRedisSessions, RedisSessionStore } from 'nestjs-redis-session/express-session';
import { SessionHealthIndicator } from 'nestjs-redis-session/terminus';
import { SessionSockets, SessionWebSocketsModule } from 'nestjs-redis-session/websockets';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { Visitor } from './support/visitor.js';
import { openSocket } from './websockets/support/live-client.js';

const PASSWORD = 'redis-passw0rd';
const COOKIE_SECRET = 'express-c00kie-secret';
const VALUE = 'what-a-visitor-st0red';

/** What a handler has in its hands, by name. */
const seen = new Map<string, unknown>();
const see = (things: object) => {
  for (const [name, thing] of Object.entries(things)) seen.set(name, thing);
};

class LookingGuard extends SessionGuard {
  protected override allows(session: Session): boolean {
    see({ 'a guard': this, 'the session in a guard': session });
    return true;
  }
  override canActivate(context: ExecutionContext): Promise<boolean> {
    return super.canActivate(context);
  }
}

@Controller()
class Looking {
  constructor(private readonly sessions: SessionService) {}

  @Post('in') in(
    @Session() session: Session,
    @Req() request: object,
    @Res({ passthrough: true }) response: object,
  ) {
    session.signIn('alice', { data: { note: VALUE } });
    see({ 'a session that signs in': session, request, response });
    // The browser sends no cookie yet, and the response has none yet.
    printed.set('a request', print(request));
    printed.set('a response', print(response));
    return { ok: true };
  }
  @Get('whole') whole(@Session() session: Session) {
    return session;
  }
  @Get('look') @UseGuards(LookingGuard) async look(@Session() session: Session) {
    see({ 'a session': session, 'session.get': [session, session.get('note')].slice(0, 1) });
    await this.sessions.update(session.id!, (one) => see({ 'the session in update()': one }));
    return { ok: true };
  }
  @Get('stale') @RequireFreshSignIn(-1) stale() {
    return { ok: true };
  }
}

@WebSocketGateway({ path: '/looking' })
class LookingGateway {
  constructor(private readonly sockets: SessionSockets) {}
  @SubscribeMessage('look') look(@Session() session: Session, @ConnectedSocket() socket: object) {
    see({ 'the session of a message': session, SessionSockets: this.sockets });
    see({ 'what is known of a socket': this.sockets.sessionOf(socket) });
    // The socket itself holds the headers of its handshake, as every one does.
    return { event: 'answer', data: 'looked' };
  }
}

const printed = new Map<string, readonly string[]>();
const print = (thing: unknown) => [
  inspect(thing, { depth: 20, showHidden: false }),
  inspect(thing, { depth: 20, customInspect: false }),
  inspect(thing),
  json(thing),
  text(thing),
];

function json(thing: unknown): string {
  try {
    return JSON.stringify(thing) ?? '';
  } catch (error) {
    return String(error);
  }
}

function text(thing: unknown): string {
  return String(thing);
}

describe.each(PLATFORMS)('what can be printed of sessions on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  let visitor: Visitor;
  let token: string;
  const closing: (() => unknown)[] = [];
  const url = () => `redis://alice:${PASSWORD}@${new URL(redis.url).host}`;

  beforeAll(async () => {
    await redis.client.call('ACL', 'SETUSER', 'alice', 'on', `>${PASSWORD}`, '~*', '&*', '+@all');
    const adoptFrom = connectRedisSessions({
      redis: url(),
      secret: COOKIE_SECRET,
      userId: () => undefined,
    });
    seen.set('connectRedisSessions()', adoptFrom);
    const store = new RedisSessionStore({ redis: url() });
    seen.set('RedisSessionStore', store);
    await store.get('sid');
    closing.push(() => store.close());
    site = await startApp(
      platform,
      { redis: url(), index: { note: tag('note') }, adoptFrom, examineAtStart: false },
      {
        imports: [
          SessionEventsModule.forRoot({ stream: {} }),
          SessionWebSocketsModule.forRoot({}),
          TerminusModule,
        ],
        controllers: [Looking],
        providers: [LookingGateway, SessionHealthIndicator],
      },
    );
    closing.push(() => site.app.close());
    visitor = new Visitor(site);
    await visitor.post('in');
    token = visitor.jar.cookies.get('id')!;
    await visitor.get('look');
    const live = await openSocket('socket.io', site, { cookie: visitor.jar.header }, '/looking');
    await live.ask('look');
    live.close();
  });
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
    seen.clear();
    printed.clear();
  });

  const expectDiscreet = (name: string, texts: readonly string[]) => {
    for (const said of texts) {
      const leaks = [PASSWORD, COOKIE_SECRET, VALUE, token].filter((secret) =>
        said.includes(secret),
      );
      expect({ name, leaks }).toEqual({ name, leaks: [] });
    }
  };

  it('a session shows its id, its user and the names of its fields', () => {
    const session = seen.get('a session') as Session;
    const shown = { id: session.id, userId: 'alice', fields: ['note'] };
    expect(JSON.parse(json(session))).toEqual(shown);
    expect(inspect(session)).toBe(`Session ${inspect(shown)}`);
    expect(Object.keys(session)).toEqual([]);
  });

  it('may be what a handler returns', async () => {
    const response = await visitor.get('whole');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ userId: 'alice', fields: ['note'] });
  });

  it('everything that a handler, a guard or a gateway has in its hands is discreet', () => {
    const requestAndResponse = ['request', 'response'];
    for (const [name, thing] of seen) {
      // What Node and the browser put there, a cookie and headers, is theirs: see the texts from before.
      if (!requestAndResponse.includes(name)) expectDiscreet(name, print(thing));
    }
    for (const [name, texts] of printed) expectDiscreet(name, texts);
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['a guard', 'the session in update()']),
    );
  });

  it('providers are discreet, public and internal ones', async () => {
    const tokens = [SessionService, SessionSearch, SessionGuard, SessionEvents, SessionSettings];
    for (const provider of tokens) expectDiscreet(provider.name, print(site.app.get(provider)));
    const settings = new SessionSettings({ redis: url() });
    const connection = await openConnection(settings);
    closing.push(() => connection.close());
    await connection.send((client) => client.ping());
    expectDiscreet('RedisConnection', print(connection));
    expectDiscreet('its durable twin', print(connection.durable('disk')));
    expectDiscreet(
      'RedisSessionRepository',
      print(new RedisSessionRepository(connection, settings)),
    );
    expectDiscreet('SessionHealthIndicator', print(site.app.get(SessionHealthIndicator)));
    const { container } = site.app.get(ModuleRef) as unknown as { container: Container };
    for (const [name, instance] of ownProviders(container)) expectDiscreet(name, print(instance));
  });

  it('errors of each kind are discreet, with all that caused them', async () => {
    const errors: unknown[] = [];
    const collect = async (act: () => unknown) => {
      try {
        await act();
      } catch (error) {
        errors.push(error);
      }
    };
    await collect(() => new SessionSettings({ redis: `redis://:${PASSWORD}@h:port` }));
    await collect(() => new SessionSettings({ redis: `http://:${PASSWORD}@h` }));
    await collect(() => openConnection(new SessionSettings({ redis: `${url()}/99` })));
    await collect(() => new SessionSettings({ redis: url(), keyPrefix: '{' }));
    const service = site.app.get(SessionService);
    await collect(() => service.revokeAllOfUser(''));
    await redis.client.config('SET', 'maxmemory', '1');
    const session = seen.get('a session') as Session;
    await collect(() => service.update(session.id!, { note: `${VALUE}2` }));
    await redis.client.config('SET', 'maxmemory', '0');
    await collect(() => session.set('note', VALUE));
    expect(errors).toHaveLength(7);
    for (const error of errors) {
      expect(error).toBeInstanceOf(SessionError);
      expectDiscreet(String(error), print(error));
    }
  });
});

interface Container {
  getModules(): Map<
    string,
    { name: string; providers: Map<unknown, { name: unknown; instance: unknown }> }
  >;
}

/** What Nest keeps of this library's modules; what users hand in, they have themselves. */
function* ownProviders(container: Container): Generator<[string, unknown]> {
  for (const { name: module, providers } of container.getModules().values()) {
    if (!/^Session(Events|WebSockets)?Module$/.test(module)) continue;
    for (const { name, instance } of providers.values()) {
      const isOurs = typeof name === 'function' && /^(Session|Redis|Index|Search)/.test(name.name);
      if (isOurs && !name.name.endsWith('Module')) yield [`${module} ${name.name}`, instance];
    }
  }
}
