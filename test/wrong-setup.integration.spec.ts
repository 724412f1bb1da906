import { type DynamicModule, Injectable, Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SessionModule, type SessionOptions, SessionService } from 'nestjs-redis-session';
import { SessionEventsModule } from 'nestjs-redis-session/events';
import { SessionGraphQLModule } from 'nestjs-redis-session/graphql';
import { SessionWebSocketsModule } from 'nestjs-redis-session/websockets';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

type Imported = Type | DynamicModule;

const compile = async (...imports: Imported[]) => {
  const testing = await Test.createTestingModule({ imports }).compile();
  await testing.close();
};
const moduleWith = (...imports: Imported[]): Type => {
  @Module({ imports })
  class Feature {}
  return Feature;
};

describe('options that are made at start', () => {
  const redis = 'redis://127.0.0.1:1';
  const wrong = { redis, idleTimeout: 60 } as SessionOptions;

  @Injectable()
  class Config {
    createSessionOptions() {
      return wrong;
    }
    createSessionEventsOptions() {
      return { expires: true } as object;
    }
    createSessionWebSocketsOptions() {
      return { signedIn: true } as object;
    }
  }
  @Module({ providers: [Config], exports: [Config] })
  class ConfigModule {}

  it.each<[string, () => DynamicModule]>([
    ['useFactory', () => SessionModule.forRootAsync({ useFactory: () => wrong })],
    [
      'an asynchronous useFactory',
      () => SessionModule.forRootAsync({ useFactory: async () => wrong }),
    ],
    ['useClass', () => SessionModule.forRootAsync({ useClass: Config })],
    [
      'useExisting',
      () => SessionModule.forRootAsync({ imports: [ConfigModule], useExisting: Config }),
    ],
    ['forRoot', () => SessionModule.forRoot(wrong)],
  ])('are refused if there is no such option: %s', async (_, module) => {
    await expect(compile(module())).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message: 'Unknown option "idleTimeout" for SessionModule. Did you mean "idleTimeoutSeconds"?',
    });
  });

  it.each<[string, () => DynamicModule]>([
    ['SessionEventsModule', () => SessionEventsModule.forRootAsync({ useClass: Config })],
    ['SessionWebSocketsModule', () => SessionWebSocketsModule.forRootAsync({ useClass: Config })],
    ['SessionGraphQLModule', () => SessionGraphQLModule.forRoot({ signedin: true } as object)],
  ])('are refused by %s as well', async (name, module) => {
    const sessions = SessionModule.forRoot({ redis });
    const events = name === 'SessionEventsModule' ? [] : [SessionEventsModule.forRoot({})];
    await expect(compile(sessions, ...events, module())).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringMatching(new RegExp(`^Unknown option ".*" for ${name}. Did you mean `)),
    });
  });

  it.each([undefined, null, [], () => ({ redis })])('are no options: %p', async (options) => {
    const module = SessionModule.forRootAsync({ useFactory: () => options as never });
    await expect(compile(module)).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringMatching(/^SessionModule: the options are /),
    });
  });

  it('fail with the error of the factory, if it throws', async () => {
    const fail = () => {
      throw new Error('no configuration');
    };
    const module = SessionModule.forRootAsync({ useFactory: fail as () => never });
    await expect(compile(module)).rejects.toThrow('no configuration');
  });
});

describe('a module without its options', () => {
  it.each<[string, Imported[], string]>([
    [
      'SessionModule',
      [SessionModule],
      "SessionModule.forRoot({ redis: 'redis://localhost:6379' })",
    ],
    [
      'SessionEventsModule',
      [SessionModule.forRoot({ redis: 'redis://127.0.0.1:1' }), SessionEventsModule],
      'SessionEventsModule.forRoot({})',
    ],
    [
      'SessionWebSocketsModule',
      [
        SessionModule.forRoot({ redis: 'redis://127.0.0.1:1' }),
        SessionEventsModule.forRoot({}),
        SessionWebSocketsModule,
      ],
      'SessionWebSocketsModule.forRoot({})',
    ],
  ])('says what to write: %s', async (name, imports, example) => {
    await expect(compile(...imports)).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringContaining(`${name} was imported without options. Write ${example}`),
    });
  });

  it.each([undefined, null, 'redis://user:hunter2@localhost', ['redis://localhost']])(
    'forRoot() says what to write when it gets %p',
    (options) => {
      const configure = () => SessionModule.forRoot(options as never);
      expect(configure).toThrow(/^SessionModule\.forRoot\(\) got .*Write SessionModule\.forRoot\(/);
      expect(configure).not.toThrow(/hunter2/);
    },
  );
});

describe('two configurations in one application', () => {
  const options = { redis: 'redis://127.0.0.1:1' };
  const twice =
    /^SessionModule is configured 2 times .*Call SessionModule\.forRoot\(\) or forRootAsync\(\) once/;

  it.each<[string, () => Imported[]]>([
    [
      'with other options',
      () => [
        SessionModule.forRoot(options),
        SessionModule.forRoot({ ...options, keyPrefix: 'b:' }),
      ],
    ],
    [
      'with the same options',
      () => [SessionModule.forRoot(options), SessionModule.forRoot(options)],
    ],
    [
      'neither of them global',
      () =>
        ['a:', 'b:'].map((keyPrefix) =>
          moduleWith(SessionModule.forRoot({ ...options, keyPrefix, isGlobal: false })),
        ),
    ],
    [
      'the second in a feature module',
      () => [
        SessionModule.forRoot(options),
        moduleWith(moduleWith(SessionModule.forRoot(options))),
      ],
    ],
    [
      'made at start',
      () => [
        SessionModule.forRoot(options),
        SessionModule.forRootAsync({ useFactory: () => options }),
      ],
    ],
    [
      'the second by a class that extends it',
      () => {
        class OwnSessionModule extends SessionModule {}
        return [SessionModule.forRoot(options), OwnSessionModule.forRoot(options)];
      },
    ],
    [
      'the second without options',
      () => [moduleWith(SessionModule), SessionModule.forRoot(options)],
    ],
  ])('are refused: %s', async (_, imports) => {
    await expect(compile(...imports())).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringMatching(twice),
    });
  });

  it.each<[string, () => DynamicModule]>([
    ['SessionEventsModule', () => SessionEventsModule.forRoot({})],
    ['SessionWebSocketsModule', () => SessionWebSocketsModule.forRoot({})],
    ['SessionGraphQLModule', () => SessionGraphQLModule.forRoot({})],
  ])('are refused by %s, too', async (name, module) => {
    const needed = name === 'SessionEventsModule' ? [] : [SessionEventsModule.forRoot({})];
    const imports = [SessionModule.forRoot(options), ...needed, module(), module()];
    await expect(compile(...imports)).rejects.toThrow(`${name} is configured 2 times`);
  });

  it('are one if several modules import the same', async () => {
    const sessions = SessionModule.forRoot({ ...options, isGlobal: false });
    const compiling = compile(sessions, moduleWith(sessions), moduleWith(moduleWith(sessions)));
    await expect(compiling).resolves.toBeUndefined();
  });
});

describe.each(PLATFORMS)('several applications in one process, on %s', (platform) => {
  const redis = useRedis();
  const sites: TestApp[] = [];
  afterEach(() => Promise.all(sites.splice(0).map(({ app }) => app.close())));
  const start = async (keyPrefix: string) => {
    const options = { redis: redis.url, keyPrefix };
    const site = await startApp(platform, options, { controllers: [VisitorController] });
    sites.push(site);
    return site;
  };

  it('each have sessions of their own', async () => {
    const [one, two] = [await start('one:'), await start('two:')];
    const visitor = new Visitor(one);
    await visitor.post('sign-in?user=alice');
    expect((await visitor.get('private')).status).toBe(200);
    const elsewhere = new Visitor(two);
    for (const [name, value] of visitor.jar.cookies) elsewhere.jar.cookies.set(name, value);
    expect((await elsewhere.get('private')).status).toBe(401);
    expect(await two.app.get(SessionService).revokeAllOfUser('alice')).toBe(0);
  });

  it('can be made again after one was closed', async () => {
    for (let round = 0; round < 3; round++) {
      const site = await start('again:');
      expect((await new Visitor(site).post('sign-in?user=alice')).status).toBe(201);
      await site.app.close();
      sites.pop();
    }
  });
});
