import type { ServerResponse } from 'node:http';
import { Module, type DynamicModule, type MiddlewareConsumer } from '@nestjs/common';
import { type Session, SessionService, type SessionOptions } from 'nestjs-redis-session';
import { SessionGatewayModule } from 'nestjs-redis-session/gateway';
import { SessionPassportModule } from 'nestjs-redis-session/passport';
import { RequestSession } from '../libs/session/src/http/request-session.js';
import { PersonSerializer, populate } from './passport/people.js';
import { PLATFORMS, startApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

const defer = useCleanup();
const PATH = 'session-gateway';

/** Middleware of an application, which asks for the session of every request before the gateway does. */
function asking(act: (session: Session) => void): DynamicModule {
  @Module({})
  class AskingModule {
    configure(consumer: MiddlewareConsumer): void {
      const ask = async (request: never, _response: ServerResponse, next: () => void) => {
        act(await RequestSession.of(request).load());
        next();
      };
      consumer.apply(ask).forRoutes('{*path}');
    }
  }
  return { module: AskingModule, global: true };
}

describe.each(PLATFORMS)('the gateway behind middleware that asks first, on %s', (platform) => {
  const redis = useRedis();
  beforeEach(() => redis.client.flushall());
  beforeEach(populate);

  const start = async (options: Partial<SessionOptions>, before: DynamicModule) => {
    const site = await startApp(
      platform,
      { redis: redis.url, ...options },
      {
        imports: [before, SessionGatewayModule.forRoot()],
        controllers: [VisitorController],
        providers: [PersonSerializer],
      },
    );
    defer(() => site.app.close());
    return site;
  };
  const makeOld = async () => {
    const [key] = await redis.client.keys('session:*');
    for (const field of ['~created', '~auth', '~seen', '~until']) {
      await redis.client.hincrby(key!, field, -61_000);
    }
    return key!;
  };

  it.each([
    ['Passport', () => SessionPassportModule.forRoot()],
    ['middleware that reads', () => asking((session) => session.get('note'))],
  ])('keeps a token that has aged, and the session alive: %s', async (_, before) => {
    const site = await start({ renewIntervalSeconds: 60 }, before());
    const alice = new Visitor(site);
    await alice.post('sign-in?user=alice');
    const token = alice.jar.cookies.get('id');
    const key = await makeOld();
    for (let check = 0; check < 3; check++) {
      const response = await alice.get(PATH);
      expect([response.status, response.headers.getSetCookie()]).toEqual([200, []]);
      expect(response.headers.get('x-session-user')).toBe('alice');
      expect(key).toContain(response.headers.get('x-session-id'));
    }
    await eventually(
      'it is touched',
      async () => Number(await redis.client.hget(key, '~seen')) > 1,
    );
    expect(await redis.client.exists(key)).toBe(1);
    expect((await alice.get('private')).headers.getSetCookie()).toHaveLength(1);
    expect(alice.jar.cookies.get('id')).not.toBe(token);
    expect((await alice.get(PATH)).status).toBe(200);
  });

  it('says in no error who it is', async () => {
    let act: (session: Session) => void = () => undefined;
    const site = await start(
      {},
      asking((session) => act(session)),
    );
    const alice = new Visitor(site);
    await alice.post('sign-in?user=alice');
    const expectError = async (status: number) => {
      const response = await alice.get(PATH);
      expect([response.status, response.headers.getSetCookie()]).toEqual([status, []]);
      expect([...response.headers.keys()].filter((name) => name.startsWith('x-session'))).toEqual([
        'x-session-code',
      ]);
    };
    for (const needsToken of ['renew', 'reauthenticated'] as const) {
      act = (session) => session[needsToken]();
      await expectError(500);
    }
    act = (session) => session.signIn('mallory');
    await expectError(500);
    // Another request ends it when it is to be written to.
    act = (session) => session.set('note', 'x');
    expect((await alice.get(PATH)).headers.get('x-session-user')).toBe('alice');
    await site.app.get(SessionService).revokeAllOfUser('alice');
    act = () => undefined;
    expect((await alice.get(PATH)).status).toBe(401);
  });

  it('takes over a session from before, and leaves the old one to the next page', async () => {
    const ends: number[] = [];
    const adoptFrom = {
      cookie: { name: 'old', secure: false, sameSite: 'lax', domain: undefined, path: '/' },
      find: async () => ({ secret: 'a'.repeat(43), userId: 'dave', fields: { note: 'kept' } }),
      end: async (_request: unknown, afterSeconds: number) => {
        ends.push(afterSeconds);
        return true;
      },
    } as const;
    const site = await start(
      { adoptFrom },
      asking((session) => session.get('note')),
    );
    const dave = new Visitor(site);
    dave.jar.cookies.set('old', 'a');
    for (let check = 0; check < 2; check++) {
      const response = await dave.get(PATH);
      expect([response.headers.get('x-session-user'), response.headers.getSetCookie()]).toEqual([
        'dave',
        [],
      ]);
    }
    expect(ends).toEqual([]);
    expect((await dave.get('private')).headers.getSetCookie()).toHaveLength(2);
    expect(ends).toEqual([30]);
    expect([...dave.jar.cookies.keys()]).toEqual(['id']);
    expect(await (await dave.get('read')).json()).toEqual({ note: 'kept', userId: 'dave' });
  });
});
