import { type INestApplication, VersioningType } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SessionGuard, type SessionOptions, SessionService } from 'nestjs-redis-session';
import { SessionGatewayModule, type SessionGatewayOptions } from 'nestjs-redis-session/gateway';
import { createToken, idOfToken } from '../libs/session/src/core/token.js';
import { launchRedis, type RedisServer } from '../redis-server/launch.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { signedIn, startGatewaySite } from './support/gateway-site.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

const PATH = 'session-gateway';
const FIELDS = { tenant: 'text', roles: 'json' } as const;
const IDLE_SECONDS = 1800;

describe.each(PLATFORMS)('the gateway, on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  let alice: Visitor;
  beforeAll(async () => {
    site = await startGatewaySite(platform, { redis: redis.url }, { fields: FIELDS });
    alice = await signedIn(site, 'alice', { tenant: 'acme', roles: ['admin'] });
    // The server learns the scripts once.
    await alice.get(PATH);
  });
  afterAll(() => site?.app.close());

  /** A site of one test, with other options. */
  const others: TestApp[] = [];
  const startOther = async (
    ...[session, gateway]: [Partial<SessionOptions>, SessionGatewayOptions]
  ) => {
    const other = await startGatewaySite(platform, { redis: redis.url, ...session }, gateway);
    others.push(other);
    return other;
  };
  afterEach(async () => {
    for (const { app } of others.splice(0)) await app.close();
  });

  const idOf = ({ jar }: Visitor) => idOfToken(jar.cookies.get('id') as never);
  const cost = async (act: () => Promise<unknown>) =>
    (await commandsDuring(redis, act)).map(([name]) => name!.toLowerCase());
  const identity = (response: Response) => [
    response.headers.get('x-session-user'),
    response.headers.get('x-session-id'),
  ];
  const expectStranger = async (response: Response, code: string) => {
    expect(response.status).toBe(401);
    expect(response.headers.get('x-session-code')).toBe(code);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(identity(response)).toEqual([null, null]);
    expect(await response.json()).toEqual({ statusCode: 401, message: 'Sign in first.', code });
  };

  it('says who a user is, in headers alone', async () => {
    const response = await alice.get(PATH);
    expect(response.status).toBe(200);
    expect(identity(response)).toEqual(['alice', idOf(alice)]);
    expect(response.headers.get('x-session-tenant')).toBe('acme');
    expect(response.headers.get('x-session-roles')).toBe('["admin"]');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).toBe('');
  });

  it('answers a stranger, a guest and somebody with a dead token as the guard does', async () => {
    const stranger = new Visitor(site);
    await expectStranger(await stranger.get(PATH), 'SESSION_REQUIRED');
    await stranger.post('fields', { tenant: 'acme' });
    await expectStranger(await stranger.get(PATH), 'SESSION_REQUIRED');
    stranger.jar.cookies.set('id', createToken());
    await expectStranger(await stranger.get(PATH), 'SESSION_REQUIRED');
  });

  it.each(['SESSION_SIGNED_OUT', 'SESSION_REVOKED', 'SESSION_RENEWED'])(
    'says %s to whoever had a session, as the guard does',
    async (code) => {
      const bob = await signedIn(site, 'bob');
      const former = new Visitor(site);
      former.jar.cookies.set('id', bob.jar.cookies.get('id')!);
      if (code === 'SESSION_SIGNED_OUT') await bob.post('sign-out');
      if (code === 'SESSION_REVOKED') await bob.delete('users/bob');
      if (code === 'SESSION_RENEWED') await bob.post('renew');
      await expectStranger(await former.get(PATH), code);
      expect(await (await former.get('private')).json()).toMatchObject({ code });
    },
  );

  it.each(['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'answers %s alike',
    async (method) => {
      const response = await alice.jar.fetch(`${site.url}/${PATH}`, { method });
      expect([response.status, ...identity(response)]).toEqual([200, 'alice', idOf(alice)]);
      expect((await fetch(`${site.url}/${PATH}`, { method })).status).toBe(401);
    },
  );

  it.each([
    ['JSON', 'application/json', '{"a":1}'],
    ['a form', 'application/x-www-form-urlencoded', 'a=1'],
    ['a file', 'multipart/form-data; boundary=x', '--x--'],
    ['nothing, said to be JSON', 'application/json', ''],
    ['nothing, said to be a file', 'multipart/form-data; boundary=x', ''],
  ])('ignores a body: %s', async (_, type, body) => {
    const headers = { 'content-type': type };
    for (const { jar } of [alice, new Visitor(site)]) {
      const response = await jar.fetch(`${site.url}/${PATH}`, { method: 'POST', headers, body });
      expect(response.status).toBe(jar === alice.jar ? 200 : 401);
    }
  });

  it('answers below its path, where Envoy asks, and nowhere else', async () => {
    const below = ['/', '/reports/1?a=b', '/a%2Fb', `/${'x'.repeat(500)}`, '?a=b'];
    for (const path of below) {
      const response = await alice.jar.fetch(`${site.url}/${PATH}${path}`);
      expect([path, response.status, identity(response)[0]]).toEqual([path, 200, 'alice']);
    }
    expect((await alice.get(`${PATH}s`)).status).toBe(404);
    expect((await alice.get(`a/${PATH}`)).status).toBe(404);
  });

  it('gives no 304, whatever the client has', async () => {
    for (const known of ['*', '"a"', 'W/"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk"']) {
      const headers = { 'if-none-match': known, 'if-modified-since': new Date().toUTCString() };
      expect((await alice.jar.fetch(`${site.url}/${PATH}`, { headers })).status).toBe(200);
    }
  });

  describe('costs', () => {
    it('nothing for a stranger', async () => {
      expect(await cost(() => new Visitor(site).get(PATH))).toEqual([]);
    });

    it('one command for a session, for the declared fields alone', async () => {
      const commands = await commandsDuring(redis, () => alice.get(PATH));
      expect(commands).toHaveLength(1);
      const fields = commands[0]!.slice(4).filter((field) => !field.startsWith('~'));
      expect(fields.slice(0, -1)).toEqual(['tenant', 'roles']);
    });

    it('two for a session that is not there: the second asks why', async () => {
      const dead = new Visitor(site);
      dead.jar.cookies.set('id', createToken());
      await dead.get(PATH);
      expect(await cost(() => dead.get(PATH))).toEqual(['evalsha', 'evalsha']);
    });
  });

  it('keeps a session alive, when a touch is due', async () => {
    const eager = await startOther(
      { touchIntervalSeconds: 0, idleTimeoutSeconds: IDLE_SECONDS },
      {},
    );
    const carol = await signedIn(eager, 'carol');
    const [key] = await redis.client.keys(`session:*:${idOf(carol)}`);
    await redis.client.expire(key!, 60);
    const commands = await cost(async () => {
      expect((await carol.get(PATH)).status).toBe(200);
      // What is sent after the touch on the same connection is answered after it.
      await eager.app.get(SessionService).ping();
    });
    expect(commands).toEqual(['evalsha', 'evalsha', 'ping']);
    expect(await redis.client.ttl(key!)).toBeGreaterThan(60);
  });

  it('never replaces a token that has aged: the next page does', async () => {
    const aging = await startOther({ renewIntervalSeconds: 60 }, {});
    const carol = await signedIn(aging, 'carol');
    const token = carol.jar.cookies.get('id')!;
    await makeOld(idOf(carol));
    for (let check = 0; check < 3; check++) {
      const response = await carol.get(PATH);
      expect([response.status, response.headers.getSetCookie()]).toEqual([200, []]);
      expect(identity(response)).toEqual(['carol', idOf(carol)]);
    }
    expect(carol.jar.cookies.get('id')).toBe(token);
    expect((await carol.get('private')).headers.getSetCookie()).toHaveLength(1);
    expect(carol.jar.cookies.get('id')).not.toBe(token);
    expect((await carol.get(PATH)).status).toBe(200);
  });

  const makeOld = async (id: string) => {
    const [key] = await redis.client.keys(`session:*:${id}`);
    const at = Date.now() - 61_000;
    await redis.client.hmset(key!, { '~created': at, '~auth': at });
  };

  it('begins nothing with a session from before: the next page does', async () => {
    let asked = 0;
    const adoptFrom = {
      cookie: { name: 'old', secure: false, sameSite: 'lax', domain: undefined, path: '/' },
      find: async () => {
        asked++;
        return { secret: 'a'.repeat(43), userId: 'dave', fields: {} };
      },
      end: async () => true,
    } as const;
    const moving = await startOther({ adoptFrom }, {});
    const dave = new Visitor(moving);
    dave.jar.cookies.set('old', 'a');
    const response = await dave.get(PATH);
    expect([response.status, response.headers.getSetCookie(), asked]).toEqual([401, [], 0]);
    expect((await dave.get('private')).status).toBe(200);
    expect(identity(await dave.get(PATH))[0]).toBe('dave');
  });

  it('lets strangers and guests pass where that is asked for, without a user', async () => {
    const open = await startOther({}, { fields: FIELDS, allowAnonymous: true });
    const visitor = new Visitor(open);
    const stranger = await visitor.get(PATH);
    expect([stranger.status, ...identity(stranger)]).toEqual([200, '', '']);
    expect(stranger.headers.get('x-session-tenant')).toBe('');
    await visitor.post('fields', { tenant: 'acme' });
    const guest = await visitor.get(PATH);
    expect([guest.status, ...identity(guest)]).toEqual([200, '', idOf(visitor)]);
    expect(guest.headers.get('x-session-tenant')).toBe('acme');
  });

  it.each<[string, string, (app: INestApplication) => void]>([
    ['a global prefix', `api/${PATH}`, (app) => app.setGlobalPrefix('api')],
    [
      'a global prefix that it is excluded from',
      PATH,
      (app) => app.setGlobalPrefix('api', { exclude: [PATH, `${PATH}/{*path}`] }),
    ],
    [
      'versions in the path',
      PATH,
      (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    ],
    [
      'versions in a header',
      PATH,
      (app) =>
        app.enableVersioning({ type: VersioningType.HEADER, header: 'v', defaultVersion: '1' }),
    ],
  ])('works with %s, and a guard for the whole application', async (_, path, prepare) => {
    const guarded = await startApp(
      platform,
      { redis: redis.url },
      {
        imports: [SessionGatewayModule.forRoot()],
        controllers: [VisitorController],
        providers: [{ provide: APP_GUARD, useClass: SessionGuard }],
      },
      prepare,
    );
    others.push(guarded);
    const visitor = new Visitor(guarded);
    visitor.jar.cookies.set('id', alice.jar.cookies.get('id')!);
    expect(identity(await visitor.get(path))).toEqual(['alice', idOf(alice)]);
    expect(identity(await visitor.get(`${path}/reports/1`))[0]).toBe('alice');
    await expectStranger(await new Visitor(guarded).get(path), 'SESSION_REQUIRED');
  });

  it('answers where it is told to', async () => {
    const moved = await startOther(
      {},
      { path: '/internal/who/', userHeader: 'Remote-User', idHeader: 'X-Sid' },
    );
    const response = await alice.jar.fetch(`${moved.url}/internal/who`);
    expect(response.headers.get('remote-user')).toBe('alice');
    expect(response.headers.get('x-sid')).toBe(idOf(alice));
    expect(identity(response)).toEqual([null, null]);
    expect((await alice.jar.fetch(`${moved.url}/${PATH}`)).status).toBe(404);
  });
});

describe.each(PLATFORMS)('the gateway while Redis is away, on %s', (platform) => {
  let server: RedisServer;
  let site: TestApp;
  beforeAll(async () => {
    server = await launchRedis();
    site = await startGatewaySite(platform, { redis: server.url, storeTimeoutMs: 300 }, {});
  });
  afterAll(async () => {
    await site?.app.close();
    await server?.stop();
  });

  it('says 503 and when to come back, and lets users pass when it is there again', async () => {
    const alice = await signedIn(site);
    await server.freeze();
    const response = await alice.get(PATH);
    const stranger = await new Visitor(site).get(PATH);
    await server.thaw();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-session-code')).toBe('SESSION_STORE');
    expect(response.headers.get('x-session-user')).toBeNull();
    expect(await response.json()).toMatchObject({ statusCode: 503, code: 'SESSION_STORE' });
    expect(stranger.status).toBe(401);
    await eventually('users pass', async () => (await alice.get(PATH)).status === 200);
  });
});
