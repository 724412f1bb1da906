import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import * as ours from 'nestjs-redis-session';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { Visitor } from './support/visitor.js';

type Package = typeof ours;

/** The built package once more, as a package manager installs it for a library that needs another version. */
async function install(
  folder: string,
  change: (file: string) => string = (text) => text,
): Promise<Package> {
  await cp('libs/session/dist', folder, { recursive: true });
  const file = join(folder, 'http', 'copies.js');
  await writeFile(file, change(await readFile(file, 'utf8')));
  return (await import(pathToFileURL(join(folder, 'index.js')).href)) as Package;
}

/** Handlers as a library has them that resolves its own copy of the package. */
function controllerOf({ Session, SessionGuard, AllowAnonymous, RequireFreshSignIn }: Package) {
  @Controller()
  class Pages {
    @Post('in') @AllowAnonymous() signIn(@Session() session: ours.Session) {
      session.signIn('alice');
      return { ok: true };
    }
    @Get('me') @UseGuards(SessionGuard) me(@Session() session: ours.Session) {
      return { userId: session.userId };
    }
    @Post('count') count(@Session() session: ours.Session) {
      return { count: session.increment('count') };
    }
    @Get('count') field(@Session('count') count: number) {
      return { count };
    }
    @Get('fresh') @RequireFreshSignIn(60) fresh() {
      return { ok: true };
    }
  }
  return Pages;
}

describe('two copies of the package in one application', () => {
  const redis = useRedis();
  let folder: string;
  let same: Package;
  let newer: Package;
  beforeAll(async () => {
    folder = await mkdtemp(join('node_modules', '.copies-'));
    same = await install(join(folder, 'same'));
    newer = await install(join(folder, 'newer'), (text) =>
      text.replace('PROTOCOL = 1', 'PROTOCOL = 2'),
    );
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  let site: TestApp | undefined;
  afterEach(async () => {
    await site?.app.close();
    site = undefined;
  });

  it.each(PLATFORMS)(
    'share the session of a request, its guards and their marks, on %s',
    async (platform) => {
      expect(same.SessionGuard).not.toBe(ours.SessionGuard);
      site = await startApp(
        platform,
        { redis: redis.url, keyPrefix: `${platform}:` },
        {
          controllers: [controllerOf(same)],
          providers: [{ provide: APP_GUARD, useClass: ours.SessionGuard }],
        },
      );
      const visitor = new Visitor(site);
      expect((await visitor.get('me')).status).toBe(401);
      expect((await visitor.post('in')).status).toBe(201);
      expect(await (await visitor.get('me')).json()).toEqual({ userId: 'alice' });
      expect(await (await visitor.post('count')).json()).toEqual({ count: 1 });
      expect(await (await visitor.get('count')).json()).toEqual({ count: 1 });
      expect((await visitor.get('fresh')).status).toBe(200);
    },
  );

  it.each(PLATFORMS)(
    'say that there are two if their versions do not fit, on %s',
    async (platform) => {
      const messages: string[] = [];
      site = await startApp(
        platform,
        { redis: redis.url },
        { controllers: [controllerOf(newer)] },
        (app) =>
          app.useGlobalFilters({
            catch(error: Error, host) {
              messages.push(error.message);
              const response = host.switchToHttp().getResponse();
              (response.raw ?? response).writeHead(500).end();
            },
          }),
      );
      expect((await new Visitor(site).post('in')).status).toBe(500);
      expect(messages).toEqual([
        expect.stringMatching(
          /of another copy of nestjs-redis-session .*npm ls nestjs-redis-session/,
        ),
      ]);
    },
  );

  it('cannot both be configured', async () => {
    const starting = startApp(
      'express',
      { redis: redis.url },
      { imports: [same.SessionModule.forRoot({ redis: redis.url })] },
    );
    await expect(starting).rejects.toThrow('SessionModule is configured 2 times');
  });
});
