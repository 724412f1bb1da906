import {
  Controller,
  Get,
  Injectable,
  Module,
  type ModuleMetadata,
  RequestMethod,
  Session as SessionOfNest,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  AllowAnonymous,
  Session,
  SessionGuard,
  SessionModule,
  type SessionOptions,
  SessionService,
} from 'nestjs-redis-session';
import {
  InMemorySessionRepository,
  SessionRepository,
  signInForTest,
} from 'nestjs-redis-session/testing';
import request from 'supertest';
import { type Platform, PLATFORMS, startApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

const bodyOf = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as object),
});

describe('SessionModule', () => {
  const redis = useRedis();

  @Injectable()
  class SessionConfig {
    createSessionOptions(): SessionOptions {
      return { redis: redis.url };
    }
  }
  @Module({ providers: [SessionConfig], exports: [SessionConfig] })
  class ConfigModule {}

  it.each<[string, () => ReturnType<typeof SessionModule.forRootAsync>]>([
    [
      'useFactory',
      () => SessionModule.forRootAsync({ useFactory: async () => ({ redis: redis.url }) }),
    ],
    ['useClass', () => SessionModule.forRootAsync({ useClass: SessionConfig })],
    [
      'useExisting',
      () => SessionModule.forRootAsync({ imports: [ConfigModule], useExisting: SessionConfig }),
    ],
  ])('takes its options from %s', async (_, module) => {
    const testing = await Test.createTestingModule({ imports: [module()] }).compile();
    const app = await testing.createNestApplication({ logger: false }).init();
    defer(() => app.close());
    expect(await app.get(SessionService).ping()).toBeGreaterThan(0);
  });

  it('does not start with a wrong option, and says what to do', async () => {
    const start = Test.createTestingModule({
      imports: [SessionModule.forRoot({ redis: redis.url, idleTimeoutSeconds: 0 })],
    }).compile();
    await expect(start).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message:
        'SessionModule: idleTimeoutSeconds is 0. It must be a whole number of seconds from 1 to 43200, the default of absoluteTimeoutSeconds.',
    });
  });

  it('starts while Redis is away, and serves what needs no session', async () => {
    // Nobody listens on port 1.
    const site = await startApp(
      'express',
      { redis: 'redis://127.0.0.1:1', storeTimeoutMs: 100 },
      { controllers: [VisitorController] },
    );
    defer(() => site.app.close());
    expect((await new Visitor(site).get('public')).status).toBe(200);
    expect((await new Visitor(site).post('sign-in?user=alice')).status).toBe(503);
  });

  it('gives its service to every module, unless it is told not to be global', async () => {
    @Injectable()
    class Job {
      constructor(readonly sessions: SessionService) {}
    }
    @Module({ providers: [Job] })
    class JobModule {}
    const compile = (isGlobal?: boolean) =>
      Test.createTestingModule({
        imports: [
          JobModule,
          SessionModule.forRoot({
            redis: redis.url,
            ...(isGlobal === undefined ? {} : { isGlobal }),
          }),
        ],
      }).compile();
    const app = await compile();
    expect(app.get(Job, { strict: false }).sessions).toBeInstanceOf(SessionService);
    await app.close();
    await expect(compile(false)).rejects.toThrow(/resolve dependencies of the Job/);
  });
});

describe.each(PLATFORMS)('in an application on %s', (platform: Platform) => {
  const redis = useRedis();
  const withApp = async (
    metadata: ModuleMetadata,
    act: (visitor: Visitor, url: string) => Promise<void>,
    prepare?: Parameters<typeof startApp>[3],
  ) => {
    const site = await startApp(platform, { redis: redis.url }, metadata, prepare);
    try {
      await act(new Visitor(site), site.url);
    } finally {
      await site.app.close();
    }
  };

  it('sessions work under a global prefix, and on routes that are excluded from it', () =>
    withApp(
      { controllers: [VisitorController] },
      async (visitor) => {
        expect((await visitor.post('api/write', { note: 'a' })).status).toBe(201);
        expect(await bodyOf(await visitor.get('api/field'))).toMatchObject({ note: 'a' });
        expect(await bodyOf(await visitor.get('read'))).toMatchObject({ status: 200, note: 'a' });
      },
      (app) =>
        app.setGlobalPrefix('api', { exclude: [{ path: 'read', method: RequestMethod.GET }] }),
    ));

  it('the guard can stand before everything, and lets strangers through where told', async () => {
    @Controller()
    class Pages {
      @Get('closed') closed() {
        return { ok: true };
      }
      @Get('open') @AllowAnonymous() open() {
        return { ok: true };
      }
    }
    @Controller('all-open')
    @AllowAnonymous()
    class OpenPages {
      @Get() open() {
        return { ok: true };
      }
    }
    await withApp(
      {
        controllers: [Pages, OpenPages],
        providers: [{ provide: APP_GUARD, useClass: SessionGuard }],
      },
      async (visitor) => {
        expect((await visitor.get('closed')).status).toBe(401);
        expect((await visitor.get('open')).status).toBe(200);
        expect((await visitor.get('all-open')).status).toBe(200);
      },
    );
  });

  describe('@AllowAnonymous()', () => {
    @Controller('base')
    @AllowAnonymous()
    class Base {
      @Get('page') page() {
        return { ok: true };
      }
      @Get('account') account() {
        return { ok: true };
      }
    }
    @Controller('sub')
    class Sub extends Base {
      @Get('own') own() {
        return { ok: true };
      }
      @Get('account') override account() {
        return { ok: true };
      }
    }
    @Controller('sub-of-sub')
    class SubOfSub extends Sub {}
    @Controller('open-sub')
    @AllowAnonymous()
    class OpenSub extends Sub {}
    @Controller('marked')
    class Marked {
      @Get('page') @AllowAnonymous() page() {
        return { ok: true };
      }
      @Get('form') @AllowAnonymous() form() {
        return { ok: true };
      }
    }
    @Controller('sub-of-marked')
    class SubOfMarked extends Marked {
      @Get('form') override form() {
        return { ok: true };
      }
    }
    const controllers = [Base, Sub, SubOfSub, OpenSub, Marked, SubOfMarked];
    const providers = [{ provide: APP_GUARD, useClass: SessionGuard }];

    it('holds for one class, and for a method wherever it is inherited', () =>
      withApp({ controllers, providers }, async (visitor) => {
        const expected = {
          'base/page': 200,
          'base/account': 200,
          'sub/own': 401,
          'sub/page': 401,
          'sub/account': 401,
          'sub-of-sub/page': 401,
          'open-sub/page': 200,
          'open-sub/own': 200,
          'marked/page': 200,
          'sub-of-marked/page': 200,
          'sub-of-marked/form': 401,
        };
        const found: Record<string, number> = {};
        for (const path of Object.keys(expected)) found[path] = (await visitor.get(path)).status;
        expect(found).toEqual(expected);
      }));
  });

  it('a 401 says why the session that the visitor had is gone', () =>
    withApp({ controllers: [VisitorController] }, async (visitor) => {
      await visitor.post('sign-in?user=alice');
      const before = new Map(visitor.jar.cookies);
      await visitor.post('sign-out');
      for (const [name, value] of before) visitor.jar.cookies.set(name, value);
      expect(await bodyOf(await visitor.get('private'))).toEqual({
        status: 401,
        statusCode: 401,
        message: 'Sign in first.',
        code: 'SESSION_SIGNED_OUT',
      });
    }));

  it('the Session decorator of @nestjs/common gets an error that names the right import', async () => {
    @Controller()
    class Wrong {
      @Get('wrong') wrong(@SessionOfNest() session: unknown) {
        return { session: typeof session };
      }
    }
    const errors: Error[] = [];
    await withApp(
      { controllers: [Wrong] },
      async (visitor) => {
        expect((await visitor.get('wrong')).status).toBe(500);
      },
      (app) =>
        app.useGlobalFilters({
          catch(error: Error, host) {
            errors.push(error);
            const response = host.switchToHttp().getResponse();
            (response.raw ?? response).writeHead(500).end();
          },
        }),
    );
    expect(errors[0]).toMatchObject({ code: 'SESSION_STATE' });
    expect(errors[0]!.message).toMatch(/^Wrong\.wrong uses .* from 'nestjs-redis-session'\.$/);
  });

  it('something else that owns request.session is left alone', async () => {
    @Controller()
    class Other {
      @Get('other') other(@SessionOfNest() session: { owner: string }) {
        return session;
      }
      @Get('ours') ours(@Session() session: Session) {
        return { isNew: session.isNew };
      }
    }
    await withApp(
      { controllers: [Other] },
      async (visitor) => {
        expect(await bodyOf(await visitor.get('other'))).toEqual({ status: 200, owner: 'other' });
        expect(await bodyOf(await visitor.get('ours'))).toEqual({ status: 200, isNew: true });
      },
      (app) => {
        const instance = app.getHttpAdapter().getInstance();
        if (platform === 'fastify') {
          instance.decorateRequest('session', { getter: () => ({ owner: 'other' }) });
        } else {
          app.use((req: { session: object }, _res: unknown, next: () => void) => {
            req.session = { owner: 'other' };
            next();
          });
        }
      },
    );
  });

  it('an error of SessionService that a handler lets through is answered as what it is', async () => {
    @Controller()
    class Careless {
      constructor(private readonly sessions: SessionService) {}
      @Get('careless') careless() {
        return this.sessions.update('A'.repeat(32), (session) => session.set('note', 'x'));
      }
      @Get('broken') broken(@Session() session: Session) {
        session.set('note', 1n as never);
      }
    }
    const site = await startApp(
      platform,
      { redis: 'redis://127.0.0.1:1', storeTimeoutMs: 50 },
      { controllers: [Careless] },
    );
    defer(() => site.app.close());
    const visitor = new Visitor(site);
    expect(await bodyOf(await visitor.get('careless'))).toMatchObject({
      status: 503,
      statusCode: 503,
    });
    expect(await bodyOf(await visitor.get('broken'))).toEqual({
      status: 500,
      statusCode: 500,
      message: 'Internal Server Error',
    });
  });

  it('a handler that the middleware did not reach gets an error that says so', async () => {
    @Controller()
    class Lost {
      @Get('lost') lost(@Session() session: Session) {
        return session.isNew;
      }
    }
    @Module({ controllers: [Lost] })
    class NoSessions {}
    const messages: string[] = [];
    const testing = await Test.createTestingModule({ imports: [NoSessions] }).compile();
    const app = testing.createNestApplication({ logger: false });
    app.useGlobalFilters({
      catch(error: Error, host) {
        messages.push(error.message);
        host.switchToHttp().getResponse().status(500).end();
      },
    });
    await app.init();
    await request(app.getHttpServer()).get('/lost').expect(500);
    await app.close();
    expect(messages).toEqual([
      expect.stringMatching(/the middleware of SessionModule did not run.*forRoot/),
    ]);
  });
});

describe('an application under test', () => {
  @Controller()
  class Account {
    @Get('me') @UseGuards(SessionGuard) me(@Session() session: Session) {
      return { userId: session.userId, note: session.get('note') };
    }
    @Get('leave') leave(@Session() session: Session) {
      session.destroy();
    }
  }

  it('needs no Redis, and signs an agent in without a page for it', async () => {
    const testing = await Test.createTestingModule({
      imports: [SessionModule.forRoot({ redis: 'redis://127.0.0.1:1' })],
      controllers: [Account],
    })
      .overrideProvider(SessionRepository)
      .useClass(InMemorySessionRepository)
      .compile();
    const app = await testing.createNestApplication({ logger: false }).init();
    defer(() => app.close());
    const cookie = await signInForTest(app, 'alice', { data: { note: 'hello' } });
    const agent = request.agent(app.getHttpServer()).set('Cookie', cookie);
    await agent.get('/me').expect(200, { userId: 'alice', note: 'hello' });
    await agent.get('/leave').expect(200);
    await agent.get('/me').expect(401);
  });
});
